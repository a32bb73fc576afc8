-- The products as the shop last described them; `sold` is how many pieces were sold, from an import.
-- name: create
CREATE TABLE IF NOT EXISTS products (
  id TEXT PRIMARY KEY,
  category TEXT NOT NULL,
  sold REAL NOT NULL,
  in_stock INTEGER NOT NULL,
  search TEXT NOT NULL,
  body BLOB NOT NULL
) WITHOUT ROWID;

-- What bestsellers of one category are read from.
-- name: create_by_category
CREATE INDEX IF NOT EXISTS products_by_category ON products (category, in_stock, sold DESC, id);

-- What bestsellers of the whole shop are read from.
-- name: create_by_sold
CREATE INDEX IF NOT EXISTS products_by_sold ON products (in_stock, sold DESC, id);

-- A product known already is described anew; without a figure its sales stay what they were.
-- name: upsert
INSERT INTO products (id, category, sold, in_stock, search, body)
VALUES (:id, :category, COALESCE(:sold, 0), :in_stock, :search, :body)
ON CONFLICT (id) DO UPDATE SET
  category = excluded.category,
  sold = COALESCE(:sold, sold),
  in_stock = excluded.in_stock,
  search = excluded.search,
  body = excluded.body;

-- Products by id, given as a JSON list.
-- name: get
SELECT body FROM products WHERE id IN (SELECT value FROM json_each(:ids));

-- The most sold products in stock of one category.
-- name: bestsellers
SELECT body FROM products
WHERE category = :category AND in_stock = 1 AND id NOT IN (SELECT value FROM json_each(:exclude))
ORDER BY sold DESC, id LIMIT :count;

-- The most sold products in stock of all categories.
-- name: bestsellers_of_all
SELECT body FROM products
WHERE in_stock = 1 AND id NOT IN (SELECT value FROM json_each(:exclude))
ORDER BY sold DESC, id LIMIT :count;

-- Products whose id, name or category holds the words; the most sold first.
-- name: search
SELECT body FROM products WHERE instr(search, :query) > 0 ORDER BY sold DESC, id LIMIT :count;

-- Every category with the number of its products, the largest first.
-- name: categories
SELECT category, COUNT(*) FROM products GROUP BY category ORDER BY COUNT(*) DESC, category;

-- How many products there are.
-- name: count
SELECT COUNT(*) FROM products;
