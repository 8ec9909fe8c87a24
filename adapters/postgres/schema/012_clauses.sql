-- How often each clause decided, and for how much: outcomes that stand, by the clauses that they
-- name. Added up from the timeline (adapters/terms/clauses.py), never beside it: `clauses_summed` says up
-- to which position of each partition, and from which file. An index over the timeline's clauses
-- would find the rows of a rare one; one that decides in every order has as many as there are orders.
create table clause_sums (
    seller   text   not null,
    clause   text   not null,
    outcome  text   not null,
    currency text   not null,
    standing bigint not null,
    amount   bigint not null,
    order_id text,
    version  int,
    primary key (seller, clause, outcome, currency)
);
create table clauses_summed (
    partition smallint primary key,
    position  bigint not null,
    file      oid    not null
);

do $$
begin
    alter table clause_sums enable row level security;
    if (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) then
        alter table clause_sums force row level security;
    end if;
end
$$;
create policy of_a_seller on clause_sums for select to villkor_reader using (
    seller = any ((select nullif(current_setting('villkor.sellers', true), ''))::text[])
    or '*' = any ((select nullif(current_setting('villkor.sellers', true), ''))::text[])
);
grant select on clause_sums, clauses_summed to villkor_reader;
