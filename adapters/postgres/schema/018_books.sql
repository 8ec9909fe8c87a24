-- The books order by order and shop by shop, so that who owes what, and what sellers moved, is no
-- sum over all postings. Both follow from postings and orders, are added up with ledger_days
-- (adapters/ledger/shops.py), and go as far as ledger_summed says.

-- What an order owed (1510) and was owed (2420) from one day of booking to the next: a row for each
-- day on which something was posted.
create table ledger_orders (
    seller      text   not null,
    order_id    text   not null,
    currency    text   not null,
    since       date   not null,
    until       date   not null,
    owes        bigint not null,
    owed        bigint not null,
    customer    text,
    marketplace text   not null,
    primary key (seller, order_id, currency, since)
);
-- Those that are open as of a day are found without those that were settled before it.
create index ledger_orders_open on ledger_orders (until, since)
    include (seller, order_id, currency, customer, owes, owed)
    where owes <> 0 or owed <> 0;

-- What the orders of a seller on a marketplace ('': in its own shop) moved, by day. `before` is the
-- month in which the order had moved last; `orders` are those of which it is the month's first day:
-- so that an order that moved in several months is counted once.
create table ledger_sellers (
    seller      text   not null,
    marketplace text   not null,
    currency    text   not null,
    period      date   not null,
    before      date   not null,
    booked      date   not null,
    orders      bigint not null,
    bank        bigint not null,
    receivable  bigint not null,
    advance     bigint not null,
    income      bigint not null,
    vat         bigint not null,
    total       bigint not null,
    primary key (seller, marketplace, currency, period, before, booked)
);
-- Where ledger_days was added up already, these are with it from here on.
truncate ledger_days, ledger_summed;

do $$
declare
    seen constant text :=
        '(select nullif(current_setting(''villkor.sellers'', true), ''''))::text[]';
    one text;
begin
    foreach one in array array['ledger_orders', 'ledger_sellers']
    loop
        execute format('alter table %I enable row level security', one);
        if (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) then
            execute format('alter table %I force row level security', one);
        end if;
        execute format('grant select on %I to villkor_reader', one);
        execute format(
            'create policy of_a_seller on %I for select to villkor_reader '
            'using (seller = any (%s) or ''*'' = any (%s))', one, seen, seen
        );
    end loop;
end
$$;

-- Entries whose own month was closed when they were booked: few, and not in the books of their day.
create index postings_late on postings (booked, period) include (seller, order_id, currency, account,
    amount) where period > booked;
-- Invoices that ask for what is owed: when each was known, and when it is due.
create index deadlines_of_payment on deadlines (seller, order_id)
    include (subject, due, amount, state, settled_at) where kind = 'payment';
create index timeline_of_invoices on timeline (seller, order_id, subject) include (recorded_at)
    where type = 'InvoiceIssued';
