-- Whose parcel is it: which orders shipped a number, and what carriers said of it. Write-side.

-- This database among others at the same Kafka: in the names of its producers.
create table installation (
    one boolean primary key default true check (one),
    id  uuid    not null default gen_random_uuid()
);

-- Only a lock: whoever ships a number, or tells of it, first takes its row, so that neither
-- misses what the other writes.
create table trackings (
    carrier text not null,
    number  text not null,
    primary key (number, carrier)
);

-- Every Shipped with a number, by its message. What is told through it has its generation in the id.
create table shipments (
    seller     text        not null,
    order_id   text        not null,
    source     text        not null,
    id         text        not null,
    carrier    text        not null,
    number     text        not null,
    parcel     text        not null,
    at         timestamptz not null,
    retracted  boolean     not null,
    generation int,
    primary key (seller, order_id, source, id)
);
create index shipments_of_a_number on shipments (number, carrier);

-- What carriers said of parcels, each event once, and what it was judged to mean. Nothing personal.
create table sightings (
    carrier     text        not null,
    number      text        not null,
    source      text        not null,
    event       text        not null,
    at          timestamptz not null,
    recorded_at timestamptz not null,
    codes       jsonb       not null,
    grade       text        not null
        check (grade in ('final', 'indicative', 'ambiguous', 'unknown')),
    judged_by   date        not null,
    fact        text,
    data        jsonb       not null,
    takes_back  text,
    corrects    text,
    revision    int         not null,
    as_of       timestamptz not null,
    matched     boolean     not null,
    primary key (number, carrier, source, event)
) with (fillfactor = 80);
-- Those that would tell something to an order, once one ships the parcel.
create index sightings_waiting on sightings (number, carrier)
    where not matched and coalesce(fact, takes_back, corrects) is not null;
create index sightings_unknown on sightings (source) where grade = 'unknown';
