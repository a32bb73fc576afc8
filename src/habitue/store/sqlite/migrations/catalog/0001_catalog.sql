-- An earlier Habitue kept products in a table without a version; whoever fills the catalogue fills it again.
DROP TABLE IF EXISTS products;

-- `body` is the product as msgpack. `updated_at` is the age of what we know of it, `priced_at` when its price was last
-- looked at and `turns_at` when it next changes by itself. `seen` numbers the snapshot it was last part of. What was
-- deleted stays as a row, so that late news does not raise it and its return is noticed.
CREATE TABLE products (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  category TEXT NOT NULL,
  sold REAL NOT NULL,
  in_stock INTEGER NOT NULL,
  search TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  priced_at INTEGER NOT NULL,
  turns_at INTEGER,
  deleted_at INTEGER,
  seen INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX products_by_category ON products (category, in_stock, sold DESC, id);
CREATE INDEX products_by_sold ON products (in_stock, sold DESC, id);
CREATE INDEX products_by_source ON products (source, seen);
CREATE INDEX products_turning ON products (turns_at) WHERE turns_at IS NOT NULL;

-- Other names of a product: `variant` (a variant's id), `sku`, `item` (what stock-keeping calls it).
CREATE TABLE aliases (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  product TEXT NOT NULL,
  PRIMARY KEY (kind, name, product)
) STRICT, WITHOUT ROWID;

CREATE INDEX aliases_by_product ON aliases (product);

-- The latest word on how many there are of a product (`p…`) or variant (`v…`), at one place or, where `location` is
-- empty, altogether.
CREATE TABLE stock_levels (
  holder TEXT NOT NULL,
  location TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (holder, location)
) STRICT, WITHOUT ROWID;

CREATE TABLE prices (
  product TEXT NOT NULL,
  at INTEGER NOT NULL,
  price INTEGER NOT NULL,
  currency TEXT NOT NULL,
  PRIMARY KEY (product, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE stocks (
  product TEXT NOT NULL,
  at INTEGER NOT NULL,
  stock INTEGER,
  in_stock INTEGER NOT NULL,
  PRIMARY KEY (product, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE articles (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  published_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER,
  search TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX articles_by_time ON articles (published_at DESC) WHERE deleted_at IS NULL;

CREATE TABLE article_categories (
  category TEXT NOT NULL COLLATE NOCASE,
  published_at INTEGER NOT NULL,
  article TEXT NOT NULL,
  PRIMARY KEY (category, published_at, article)
) STRICT, WITHOUT ROWID;

CREATE INDEX article_categories_by_article ON article_categories (article);

-- What customers may want to hear of, in the order it came to be.
CREATE TABLE changes (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  name TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;

-- How far customers were told: all of change `number`, and of the next the first `place`, up to (`since`, `customer`).
CREATE TABLE progress (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  number INTEGER NOT NULL,
  place INTEGER NOT NULL,
  since INTEGER,
  customer TEXT
) STRICT;

INSERT INTO progress (one, number, place, since, customer) VALUES (1, 0, 0, NULL, NULL);

-- Where products and articles are fetched from, and what came of it last.
CREATE TABLE feeds (
  name TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  holds TEXT NOT NULL,
  interval INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX feeds_due ON feeds (due_at);
