-- Orders of a status, the newest first: without it those of a rare one are looked for in all.
create index orders_of_a_status on orders
    (seller, status, coalesce(placed_at, '0001-01-01 00:00:00+00'), order_id);
