-- What falls due (adapters/sla.py): counted from the index alone, and listed seller by seller.
drop index deadlines_open;
create index deadlines_open on deadlines (seller, lapses_at) include (order_id, kind, amount)
    where state = 'open';
-- Refunds whose last day is over, and the orders in which not all was paid: what is late of both.
create index deadlines_of_late_refunds on deadlines (seller, lapses_at)
    where state = 'lapsed' and kind = 'refund';
create index orders_unpaid on orders (seller, order_id) include (refunds, repaid, currency)
    where repaid < refunds;
