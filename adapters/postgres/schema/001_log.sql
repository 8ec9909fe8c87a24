-- The log and what stands beside it. Every table names the seller where it has one.

-- One fenced writer a partition: an append updates its row where epoch and position are as expected.
create table partitions (
    partition smallint primary key,
    epoch     bigint      not null,
    position  bigint      not null,
    head      bytea       not null,
    owner     text,
    heartbeat timestamptz
);

create table events (
    partition   smallint    not null,
    position    bigint      not null,
    seller      text        not null,
    order_id    text        not null,
    version     int         not null,
    type        text        not null,
    schema      smallint    not null,
    at          timestamptz not null,
    recorded_at timestamptz not null,
    source      text,
    id          text,
    body        bytea       not null,
    meta        bytea       not null,
    hash        bytea       not null,
    primary key (partition, position)
);
create unique index events_of_an_order on events (seller, order_id, version);

-- What is personal lies beside the log; the event keeps the digest of salt and value.
create table personal (
    seller   text  not null,
    order_id text  not null,
    version  int   not null,
    field    text  not null,
    value    jsonb not null,
    salt     bytea not null,
    primary key (seller, order_id, version, field)
);

-- The editions that orders pinned, whole.
create table editions (
    hash        text primary key,
    seller      text        not null,
    marketplace text,
    day         date        not null,
    body        jsonb       not null,
    first_seen  timestamptz not null default now()
);

-- How far each inbound Kafka partition was read; moves in the transaction of what was read.
create table positions (
    topic           text   not null,
    kafka_partition int    not null,
    epoch           bigint not null,
    next_offset     bigint not null,
    primary key (topic, kafka_partition)
);

-- What was parked: bytes, where they came from, and why. A message is one row however often it comes.
create table dead_letters (
    id             bigint generated always as identity primary key,
    identity       text        not null unique,
    seller         text,
    order_id       text,
    partition      smallint,
    place          text        not null,
    message_source text,
    message_id     text,
    key            bytea,
    headers        jsonb       not null,
    value          bytea       not null,
    reason         text        not null,
    sentence       text        not null,
    parked_at      timestamptz not null,
    state          text        not null default 'parked'
        check (state in ('parked', 'retried', 'discarded')),
    settled_at     timestamptz,
    settled_by     text,
    note           text
);
create index dead_letters_parked on dead_letters (reason, id) where state = 'parked';

-- When each order's deadlines next lapse: write-side, never a read model.
create table timers (
    seller    text     not null,
    order_id  text     not null,
    partition smallint not null,
    due       timestamptz,
    wakes     jsonb    not null,
    primary key (seller, order_id)
) with (fillfactor = 80);
create index timers_due on timers (partition, due) where due is not null;

-- Facts handed to the writer of their partition by programs that are not it, where there is no Kafka.
create table inbox (
    id          bigint generated always as identity primary key,
    partition   smallint    not null,
    value       bytea       not null,
    place       text        not null,
    received_at timestamptz not null default now()
);
create index inbox_of_a_partition on inbox (partition, id);
