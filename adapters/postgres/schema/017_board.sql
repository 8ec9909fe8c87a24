-- The board of what falls due (adapters/sla.py): what waits is a row that says what is at risk.

-- As long as a deadline is to be met, or a refund that was not paid in time is still owed: who has
-- its parcel, and what is at risk (projections/sla.py).
alter table deadlines
    add column carrier text, add column currency text, add column at_risk bigint;
update deadlines d set
    carrier = (
        select coalesce(
            min(p.carrier) filter (where p.parcel = split_part(d.subject, '#', 1)),
            case when min(p.carrier) = max(p.carrier) then min(p.carrier) end
        ) from parcels p where (p.seller, p.order_id) = (d.seller, d.order_id)
    ),
    currency = o.currency,
    at_risk = case d.state when 'open' then d.amount
                           else least(d.amount, o.refunds - o.repaid) end
from orders o
where (o.seller, o.order_id) = (d.seller, d.order_id)
  and (d.state = 'open' or d.state = 'lapsed' and d.kind = 'refund' and o.repaid < o.refunds);
drop index deadlines_open;
drop index deadlines_of_late_refunds;
drop index orders_unpaid;
create index deadlines_waiting on deadlines (seller, lapses_at, kind, order_id, subject)
    where at_risk is not null;

-- How many wait and what is at risk: the same is added up, by when it lapses and overall (at the end
-- of time: infinity), so that no board counts deadlines. Who
-- writes deadlines puts down in its transaction what that moved, and now and then moves are added
-- to the sums (adapters/sla_sums.py): sums and moves together are exact at any moment. They count as
-- long as `deadlines_summed` names the file that the deadlines lie in: a rebuild puts a new one there.
create table deadline_sums (
    seller    text        not null,
    kind      text        not null,
    lapses_at timestamptz not null,
    state     text        not null,
    party     text        not null,
    carrier   text,
    currency  text        not null,
    clauses   text[]      not null,
    count     bigint      not null,
    at_risk   bigint      not null
);
create index deadline_sums_of_an_instant on deadline_sums (lapses_at, seller, kind);
create table deadline_moves (like deadline_sums, file oid not null);
create table deadlines_summed (
    one  boolean primary key default true check (one),
    file oid not null
);
insert into deadlines_summed (file)
select pg_relation_filenode('deadlines') where not exists (select from deadlines);

do $$
declare
    seen constant text :=
        '(select nullif(current_setting(''villkor.sellers'', true), ''''))::text[]';
    one text;
begin
    foreach one in array array['deadline_sums', 'deadline_moves'] loop
        execute format('alter table %I enable row level security', one);
        if (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) then
            execute format('alter table %I force row level security', one);
        end if;
        execute format(
            'create policy of_a_seller on %I for select to villkor_reader '
            'using (seller = any (%s) or ''*'' = any (%s))', one, seen, seen
        );
    end loop;
end
$$;
grant select on deadline_sums, deadline_moves, deadlines_summed to villkor_reader;

-- Numbers that people have, by seller: who may see one seller's orders looks at none of others'.
create index orders_of_a_seller_by_number on orders (seller, order_id text_pattern_ops);
drop index orders_of_a_customer;
drop index orders_by_customer;
create index orders_of_a_customer on orders (seller, customer text_pattern_ops, order_id)
    where customer is not null;
drop index parcels_by_tracking;
create index parcels_by_tracking on parcels (seller, tracking text_pattern_ops, order_id)
    where tracking is not null;
drop index timeline_of_papers;
create index timeline_of_papers on timeline (seller, subject text_pattern_ops, order_id)
    where type in ('InvoiceIssued', 'RmaRequested', 'RmaIssued');

-- Whose orders there are, and on which marketplace, by a few steps through it.
create index orders_of_a_marketplace on orders (seller, marketplace);
