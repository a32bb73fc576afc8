-- name: lines
-- What the file says of real products: one row per order line; postage, fees, samples, adjustments and give-aways left out.
-- Codes differ in case only by accident of typing, so 85123a is 85123A.
create or replace view lines as
select
    InvoiceNo as invoice,
    upper(trim(StockCode)) as code,
    regexp_replace(trim(Description), '\s+', ' ', 'g') as description,
    Quantity as quantity,
    UnitPrice as price,
    InvoiceDate as ordered_at,
    CustomerID as customer,
    Country as country,
    starts_with(InvoiceNo, 'C') as cancelled
from source
where regexp_matches(upper(trim(StockCode)), '^([0-9]{5}[A-Z]{0,3}|DCGS[0-9A-Z]+)$')
    and UnitPrice > 0
    and Description is not null
    -- A negative quantity outside a cancellation is a stock write-off; 'A…' invoices adjust bad debt.
    and (starts_with(InvoiceNo, 'C') and Quantity < 0 or regexp_matches(InvoiceNo, '^[0-9]+$') and Quantity > 0);

-- name: products
-- Every product ever ordered: its most frequent description, the median of its prices, and how well it sells.
select
    code,
    mode(description) as description,
    median(price) as price,
    sum(quantity) as pieces,
    count(distinct invoice) as orders,
    max(ordered_at) as last_sold_at,
    min(ordered_at) as first_sold_at
from lines
where not cancelled
group by code
order by orders desc, code;

-- name: customers
-- Every customer number, with the country she orders from most.
select customer, mode(country) as country
from lines
where customer is not null
group by customer;

-- name: invoices
-- Every order and cancellation in order of time, its lines of the same product and price added up, postage beside them.
with goods as (
    select invoice, code, price, abs(sum(quantity)) as quantity, min(ordered_at) as ordered_at, max(customer) as customer, any_value(cancelled) as cancelled
    from lines
    group by invoice, code, price
),

postage as (
    select InvoiceNo as invoice, sum(Quantity * UnitPrice) as amount
    from source
    where StockCode in ('POST', 'DOT', 'C2') and Quantity > 0 and UnitPrice > 0
    group by 1
)

select
    goods.invoice,
    min(goods.ordered_at) as ordered_at,
    max(goods.customer) as customer,
    any_value(goods.cancelled) as cancelled,
    list((goods.code, goods.price, goods.quantity) order by goods.price * goods.quantity desc, goods.code) as items,
    coalesce(any_value(postage.amount), 0) as postage
from goods
left join postage using (invoice)
group by goods.invoice
order by ordered_at, goods.invoice;
