-- :known
-- What is known of products, deleted ones too.
SELECT id, source, updated_at, priced_at, deleted_at, body FROM products WHERE id IN (SELECT value FROM json_each(?));

-- :put
-- A product as it is described now; what it sold stays.
INSERT INTO products (id, source, category, sold, in_stock, search, updated_at, priced_at, turns_at, deleted_at, seen, body)
VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, NULL, ?, ?)
ON CONFLICT (id) DO UPDATE SET source = excluded.source, category = excluded.category, in_stock = excluded.in_stock,
  search = excluded.search, updated_at = excluded.updated_at, priced_at = excluded.priced_at,
  turns_at = excluded.turns_at, deleted_at = NULL, seen = excluded.seen, body = excluded.body;

-- :touch
-- A product told of again, without anything new.
UPDATE products SET source = ?2, updated_at = max(updated_at, ?3), seen = max(seen, ?4) WHERE id = ?1;

-- :hold
-- A price that waits for an answer, as it was told last.
INSERT INTO held (product, source, at, body) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET source = excluded.source, body = excluded.body;

-- :held_of
-- Which of some products have a price that waits.
SELECT product FROM held WHERE product IN (SELECT value FROM json_each(?));

-- :held
-- Prices that wait, the longest waiting first, each with what is known of its product.
SELECT held.product, held.source, held.at, held.body, products.body FROM held JOIN products ON products.id = held.product
ORDER BY held.at, held.product LIMIT ?;

-- :held_bodies
-- What some products were told to cost.
SELECT product, source, body FROM held WHERE product IN (SELECT value FROM json_each(?));

-- :held_count
-- How many prices wait.
SELECT count(*) FROM held;

-- :let_go
-- A price waits no longer.
DELETE FROM held WHERE product = ?;

-- :sell
-- How many pieces of a product were sold.
UPDATE products SET sold = ?2 WHERE id = ?1;

-- :delete
-- A product is not offered any more.
UPDATE products SET deleted_at = ?2, updated_at = max(updated_at, ?3), in_stock = 0, turns_at = NULL WHERE id = ?1;

-- :unname
-- A product loses its other names.
DELETE FROM aliases WHERE product = ?;

-- :name
-- Another name of a product.
INSERT INTO aliases (kind, name, product) VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

-- :named
-- The products that have another name.
SELECT product FROM aliases WHERE kind = ? AND name = ?;

-- :by_alias
-- Products by a variant's id or a code, given as a JSON list.
SELECT name, body FROM aliases JOIN products ON products.id = product
WHERE kind IN ('variant', 'sku') AND name IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL;

-- :levels
-- The latest numbers of pieces of some products and variants, altogether.
SELECT holder, quantity, updated_at FROM stock_levels
WHERE location = '' AND holder IN (SELECT value FROM json_each(?));

-- :level
-- The latest number of pieces at one place.
SELECT quantity, updated_at FROM stock_levels WHERE holder = ? AND location = ?;

-- :put_level
-- How many pieces there are at one place.
INSERT INTO stock_levels (holder, location, quantity, updated_at) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET quantity = excluded.quantity, updated_at = excluded.updated_at;

-- :put_price
-- What a product costs from a moment on.
INSERT INTO prices (product, at, price, currency) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET price = excluded.price, currency = excluded.currency;

-- :put_stock
-- How many pieces of a product there are from a moment on.
INSERT INTO stocks (product, at, stock, in_stock) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET stock = excluded.stock, in_stock = excluded.in_stock;

-- :prices
-- What a product cost, newest first.
SELECT at, price, currency FROM prices WHERE product = ? ORDER BY at DESC LIMIT ?;

-- :stocks
-- How many pieces of a product there were, newest first.
SELECT at, stock, in_stock FROM stocks WHERE product = ? ORDER BY at DESC LIMIT ?;

-- :turning
-- Products whose price has changed by itself since it was last looked at.
SELECT id FROM products WHERE turns_at <= ? ORDER BY turns_at LIMIT ?;

-- :next_turn
-- When the next price changes by itself.
SELECT min(turns_at) FROM products WHERE turns_at IS NOT NULL;

-- :live_of_source
-- How many products a source holds, and the number of its latest snapshot.
SELECT count(*) FILTER (WHERE deleted_at IS NULL), coalesce(max(seen), 0) FROM products WHERE source = ?;

-- :keep
-- A product that is still part of the source's latest snapshot.
UPDATE products SET seen = ?3 WHERE id = ?1 AND source = ?2;

-- :missing
-- Products of a source that its latest snapshot no longer has.
SELECT id FROM products WHERE source = ? AND seen < ? AND deleted_at IS NULL LIMIT ?;

-- :missing_count
-- How many products of a source its latest snapshot no longer has.
SELECT count(*) FROM products WHERE source = ? AND seen < ? AND deleted_at IS NULL;

-- :get
-- Products by id, given as a JSON list.
SELECT body FROM products WHERE id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL;

-- :bestsellers
-- The most sold products in stock of one category.
SELECT body FROM products
WHERE category = ? AND in_stock = 1 AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY sold DESC, id LIMIT ?;

-- :bestsellers_of_all
-- The most sold products in stock of all categories.
SELECT body FROM products
WHERE in_stock = 1 AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY sold DESC, id LIMIT ?;

-- :search
-- Products whose words hold a text, the most sold first.
SELECT body FROM products WHERE deleted_at IS NULL AND instr(search, ?) > 0 ORDER BY sold DESC, id LIMIT ? OFFSET ?;

-- :products_after
-- Products whose words hold a text, in the order of their ids.
SELECT body FROM products WHERE id > ? AND deleted_at IS NULL AND instr(search, ?) > 0 ORDER BY id LIMIT ?;

-- :categories
-- Every category with the number of its products, the largest first.
SELECT category, count(*) FROM products WHERE deleted_at IS NULL GROUP BY category ORDER BY count(*) DESC, category;

-- :count
-- How many products there are.
SELECT count(*) FROM products WHERE deleted_at IS NULL;

-- :add_change
-- Something that customers may want to hear of.
INSERT INTO changes (at, name, body) VALUES (?, ?, ?);

-- :changes
-- Changes after a number, in order.
SELECT number, body FROM changes WHERE number > ? ORDER BY number LIMIT ?;

-- :latest_changes
-- The latest changes, newest first.
SELECT number, body FROM changes ORDER BY number DESC LIMIT ?;

-- :progress
-- How far customers were told.
SELECT number, place, since, customer FROM progress;

-- :move
-- Customers were told so far.
UPDATE progress SET number = ?, place = ?, since = ?, customer = ?;

-- :forget_changes
-- Changes of long ago that everybody was told of.
DELETE FROM changes WHERE at < ? AND number <= (SELECT number FROM progress);

-- :forget_prices
-- Prices of long ago, but for the one that held last.
DELETE FROM prices WHERE at < ?1
  AND EXISTS (SELECT 1 FROM prices AS later WHERE later.product = prices.product AND later.at > prices.at);

-- :forget_stocks
-- Numbers of pieces of long ago, but for the one that held last.
DELETE FROM stocks WHERE at < ?1
  AND EXISTS (SELECT 1 FROM stocks AS later WHERE later.product = stocks.product AND later.at > stocks.at);

-- :known_articles
-- What is known of articles, deleted ones too.
SELECT id, updated_at, deleted_at, body FROM articles WHERE id IN (SELECT value FROM json_each(?));

-- :put_article
-- An article as it is described now.
INSERT INTO articles (id, source, published_at, updated_at, deleted_at, search, body) VALUES (?, ?, ?, ?, NULL, ?, ?)
ON CONFLICT (id) DO UPDATE SET source = excluded.source, published_at = excluded.published_at,
  updated_at = excluded.updated_at, deleted_at = NULL, search = excluded.search, body = excluded.body;

-- :delete_article
-- An article is not to be read any more.
UPDATE articles SET deleted_at = ?2, updated_at = max(updated_at, ?2) WHERE id = ?1;

-- :clear_categories
-- An article is in no category.
DELETE FROM article_categories WHERE article = ?;

-- :put_category
-- An article is in a category.
INSERT INTO article_categories (category, published_at, article) VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

-- :articles
-- Articles by id, given as a JSON list.
SELECT body FROM articles WHERE id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL;

-- :latest_articles
-- The articles published last, whose words hold a text.
SELECT body FROM articles WHERE deleted_at IS NULL AND instr(search, ?) > 0 ORDER BY published_at DESC LIMIT ? OFFSET ?;

-- :articles_after
-- Articles whose words hold a text, in the order of their ids.
SELECT body FROM articles WHERE id > ? AND deleted_at IS NULL AND instr(search, ?) > 0 ORDER BY id LIMIT ?;

-- :articles_of_category
-- The articles of a category published last.
SELECT body FROM article_categories JOIN articles ON articles.id = article
WHERE category = ? AND deleted_at IS NULL ORDER BY article_categories.published_at DESC LIMIT ?;

-- :count_articles
-- How many articles there are.
SELECT count(*) FROM articles WHERE deleted_at IS NULL;

-- :articles_of_source
-- How many articles a source ever brought.
SELECT count(*) FROM articles WHERE source = ?;

-- :put_feed
-- Where to fetch from, or what came of it.
INSERT INTO feeds (name, url, holds, interval, added_at, due_at, body) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET url = excluded.url, holds = excluded.holds, interval = excluded.interval,
  due_at = excluded.due_at, body = excluded.body;

-- :feeds
-- Every feed, by name.
SELECT body FROM feeds ORDER BY name;

-- :feed
-- One feed.
SELECT body FROM feeds WHERE name = ?;

-- :due_feeds
-- Feeds that are to be fetched, the longest waiting first.
SELECT body FROM feeds WHERE due_at <= ? ORDER BY due_at LIMIT ?;

-- :drop_feed
-- A feed is fetched no more.
DELETE FROM feeds WHERE name = ?;
