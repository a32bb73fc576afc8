-- One day of a shop's archive: some customers come often, most seldom, and each sees a few of 5,000 products.
COPY (
  WITH told AS (
    SELECT {first} + i AS position, {at} + i * {step} AS moment, hash({first} + i) AS chance, hash(i, {first}) AS more
    FROM range({count}) AS told(i)
  ), who AS (
    SELECT *, CAST(floor({customers} * pow((chance % 1000003) / 1000003.0, 1.5)) AS BIGINT) AS number,
      chance >> 20 & 1023 AS what, CAST(more % 5000 AS BIGINT) AS product
    FROM told
  ), named AS (
    SELECT *, number % 100 < {visitors} AND (more >> 16 & 7) < 1 AS early,
      CASE
        WHEN what < 560 THEN 'Product Viewed'
        WHEN what < 820 THEN 'Page Viewed'
        WHEN what < 900 THEN 'Product Added'
        WHEN what < 960 THEN 'Cart Viewed'
        WHEN what < 1000 THEN 'Product List Viewed'
        ELSE 'Order Completed'
      END AS name
    FROM who
  )
  SELECT
    position,
    make_timestamp(moment) AT TIME ZONE 'UTC' AS received_at,
    make_timestamp(moment - 200000) AT TIME ZONE 'UTC' AS occurred_at,
    'web' AS source,
    'e' || position AS event_id,
    'track' AS type,
    name,
    CASE WHEN early THEN NULL ELSE 'user-' || number END AS user_id,
    'device-' || number AS anonymous_id,
    CAST(NULL AS VARCHAR) AS previous_id,
    CASE WHEN early THEN 'a' ELSE 'u' END || left(md5(CAST(number AS VARCHAR)), 20) AS customer,
    CASE name
      WHEN 'Page Viewed' THEN '{{"path":"/pages/' || product || '"}}'
      WHEN 'Order Completed' THEN
        '{{"order_id":"o' || position || '","total":' || (5 + product / 40.0) || ',"currency":"EUR"}}'
      ELSE
        '{{"product_id":"p' || product || '","name":"Product ' || product || '","price":' || (1 + product / 50.0)
        || ',"category":"' || [
          'watches', 'mugs', 'lamps', 'rugs', 'books', 'toys', 'tea', 'pens', 'bags', 'hats',
          'cups', 'pans', 'oils', 'soap', 'wine', 'maps', 'keys', 'bows', 'jars', 'nuts'
        ][1 + product % 20] || '"}}'
    END AS properties,
    '{{}}' AS traits,
    '{{"page":{{"url":"https://bench.example/p/' || product || '"}}}}' AS context,
    '{{}}' AS identifiers
  FROM named
) TO '{file}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10240);
