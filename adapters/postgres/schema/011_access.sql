-- Who asks over HTTP, and what they may see. `villkor serve` asks as villkor_reader, which owns
-- nothing and writes nothing; in each transaction it says for whom, and rows of other sellers are
-- not there. Where the owner may not create roles, create it first: deploy/reader.sql.

do $$
begin
    -- Who may not create roles is told so even of one that is there.
    if not exists (select from pg_roles where rolname = 'villkor_reader') then
        create role villkor_reader login nosuperuser nocreatedb nocreaterole nobypassrls;
    end if;
exception when duplicate_object or unique_violation then
    null; -- for another database of this server, at this moment
end
$$;

-- Tokens are kept as their SHA-256 digests. Those of no seller see all. They are made and revoked by
-- acts in the log, which `verify` compares with these rows.
create table tokens (
    id         text primary key,
    digest     bytea       not null unique,
    role       text        not null check (role in ('agent', 'accountant', 'auditor', 'operator')),
    sellers    text[]      not null,
    created_at timestamptz not null,
    revoked_at timestamptz
);

-- Where somebody is signed in to the console: the digest of what its cookie holds.
create table sessions (
    digest  bytea primary key,
    token   text        not null references tokens (id) on delete cascade,
    ends_at timestamptz not null
);

-- What was answered to a post with an Idempotency-Key: the same again is answered the same.
create table answered (
    token       text        not null references tokens (id) on delete cascade,
    key         text        not null,
    digest      bytea       not null,
    status      int         not null,
    headers     jsonb       not null,
    body        bytea       not null,
    answered_at timestamptz not null,
    primary key (token, key)
);
create index answered_by_age on answered (answered_at);

-- Finding an order by what people have in their hands.
create index orders_by_number on orders (order_id text_pattern_ops);
create index orders_by_customer on orders (customer text_pattern_ops) where customer is not null;
create index parcels_by_tracking on parcels (tracking text_pattern_ops) where tracking is not null;
create index timeline_of_papers on timeline (subject text_pattern_ops)
    where type in ('InvoiceIssued', 'RmaRequested', 'RmaIssued');
-- Pages of orders, the newest first; those that the order system has told nothing of come last.
create index orders_by_time on orders (coalesce(placed_at, '0001-01-01 00:00:00+00'), seller, order_id);
create index orders_of_a_seller_by_time
    on orders (seller, coalesce(placed_at, '0001-01-01 00:00:00+00'), order_id);
create index orders_undecided on orders (seller, order_id) where open_decisions > 0;

do $$
declare
    seen constant text :=
        '(select nullif(current_setting(''villkor.sellers'', true), ''''))::text[]';
    -- An owner whom row security does not concern is concerned by nothing; one whom it would
    -- concern could not COPY, and is left out of it.
    forced constant bool := (
        select rolsuper or rolbypassrls from pg_roles where rolname = current_user
    );
    one text;
begin
    execute format('grant usage on schema %I to villkor_reader', current_schema());
    foreach one in array array[
        'events', 'personal', 'editions', 'timeline', 'orders', 'parcels', 'deadlines',
        'postings', 'ledger_days', 'timers', 'shipments', 'dead_letters'
    ]
    loop
        execute format('alter table %I enable row level security', one);
        if forced then
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
-- Whose books were closed is told to registers, which are nobody's.
create policy closings on events for select to villkor_reader using (
    type = 'PeriodClosed' and seller = 'villkor'
    and convert_from(body, 'UTF8')::jsonb ->> 'seller'
        = any ((select nullif(current_setting('villkor.sellers', true), ''))::text[])
);
create policy closings on personal for select to villkor_reader using (
    seller = 'villkor' and exists (
        select from events e
        where (e.seller, e.order_id, e.version)
            = (personal.seller, personal.order_id, personal.version)
    )
);
grant select on partitions, read_models, ledger_summed, relay, schema_version to villkor_reader;

-- Whose token or cookie this is: without it no row of those tables is seen.
create function whose_token(asked bytea, out id text, out role text, out sellers text[])
    returns setof record language sql stable security definer as $$
    select id, role, sellers from tokens where digest = asked and revoked_at is null
$$;
create function whose_session(
    asked bytea, now timestamptz, out id text, out role text, out sellers text[]
) returns setof record language sql stable security definer as $$
    select t.id, t.role, t.sellers from sessions s join tokens t on t.id = s.token
    where s.digest = asked and s.ends_at > now and t.revoked_at is null
$$;
-- They run as the owner, and must not take what who asks has made in pg_temp for a table of ours.
do $$
begin
    execute format(
        'alter function whose_token set search_path = %1$I, pg_temp; '
        'alter function whose_session set search_path = %1$I, pg_temp', current_schema()
    );
end
$$;
revoke execute on function whose_token, whose_session from public;
grant execute on function whose_token, whose_session to villkor_reader;
