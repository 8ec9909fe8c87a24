-- The read models: what projections/ makes of the events. Disposable: they are rebuilt from the log.
-- Names are unqualified, so that a rebuild can run this file in a schema of its own.
-- Arrays and JSON are as the projections write them; amounts are öre, times are instants.

create table timeline (
    seller      text        not null,
    order_id    text        not null,
    version     integer     not null,
    partition   smallint    not null,
    position    bigint      not null,
    at          timestamptz not null,
    recorded_at timestamptz not null,
    type        text        not null,
    source      text        not null,
    message     text,
    kind        text,
    subject     text,
    state       text,
    amount      bigint,
    due         text,
    whose       text,
    clauses     text[]      not null,
    cause       integer,
    primary key (seller, order_id, version)
);

create table orders (
    seller           text        not null,
    order_id         text        not null,
    status           text        not null,
    customer         text,
    marketplace      text,
    cart             text,
    currency         text        not null,
    placed_at        timestamptz,
    goods            bigint      not null,
    freight          bigint      not null,
    paid             bigint      not null,
    repaid           bigint      not null,
    fees             bigint      not null,
    refunds          bigint      not null,
    open_decisions   integer     not null,
    next_deadline    text,
    next_deadline_at timestamptz,
    last_event_at    timestamptz not null,
    version          integer     not null,
    dossier          jsonb       not null,
    primary key (seller, order_id)
);

create index orders_of_a_customer on orders (seller, customer) where customer is not null;

create table parcels (
    seller       text        not null,
    order_id     text        not null,
    parcel       text        not null,
    carrier      text,
    tracking     text,
    status       text        not null,
    lines        text[]      not null,
    shipped_at   timestamptz,
    available_at timestamptz,
    received_at  timestamptz,
    returned_at  timestamptz,
    status_at    timestamptz not null,
    primary key (seller, order_id, parcel)
);

create table deadlines (
    seller     text        not null,
    order_id   text        not null,
    kind       text        not null,
    subject    text        not null,
    due        text        not null,
    lapses_at  timestamptz not null,
    party      text        not null,
    state      text        not null check (state in ('open', 'met', 'lapsed', 'cancelled')),
    amount     bigint      not null,
    clauses    text[]      not null,
    settled_at timestamptz,
    primary key (seller, order_id, kind, subject)
);

create index deadlines_open on deadlines (seller, lapses_at) where state = 'open';

create table postings (
    seller    text     not null,
    order_id  text     not null,
    partition smallint not null,
    position  bigint   not null,
    leg       smallint not null,
    account   smallint not null,
    amount    bigint   not null check (amount <> 0),
    currency  text     not null,
    booked    date     not null,
    occurred  date     not null,
    kind      text     not null,
    primary key (partition, position, leg)
);

create index postings_of_an_account on postings (seller, account, booked);

-- An entry comes whole, in one statement: it balances in every currency, and its legs are 1 to n,
-- so that a leg put later to an old entry meets a leg that is there. It belongs to one order.
create function postings_balance() returns trigger language plpgsql as $$
declare
    entry text;
begin
    select format('%s/%s of %s/%s', partition, position, min(seller), min(order_id)) into entry
      from fresh
     group by partition, position
    having count(*) <> max(leg) or min(leg) <> 1 or count(distinct (seller, order_id)) <> 1
     limit 1;
    if found then
        raise exception 'entry % is not whole: its legs must be 1 to n, of one order', entry
            using errcode = 'integrity_constraint_violation';
    end if;
    select format('%s/%s by %s %s', partition, position, sum(amount), currency) into entry
      from fresh
     group by partition, position, currency
    having sum(amount) <> 0
     limit 1;
    if found then
        raise exception 'entry % does not balance', entry
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;

create trigger balanced after insert on postings
    referencing new table as fresh
    for each statement execute function postings_balance();

create function postings_stay() returns trigger language plpgsql as $$
begin
    raise exception 'postings are never changed: a correction is a reversal'
        using errcode = 'integrity_constraint_violation';
end
$$;

create trigger frozen before update or delete or truncate on postings
    for each statement execute function postings_stay();
