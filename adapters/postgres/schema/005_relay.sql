-- What goes out to Kafka, and how far it went.

-- Into how many lanes the log's partitions are grouped: one for each Kafka partition of the facts.
create table relay_lanes (
    lanes int     not null,
    one   boolean primary key default true check (one)
);

-- How far a partition was published for certain, and how far by the last transaction that was begun:
-- where the two differ, Kafka alone knows. Events by their position, dead letters by their number.
create table relay (
    partition      smallint primary key,
    position       bigint not null default 0,
    intent         bigint not null default 0,
    letters        bigint not null default 0,
    letters_intent bigint not null default 0
) with (fillfactor = 50);

-- A dead letter belongs to the partition of its order, or of its bytes where no order is known. Who
-- publishes it numbers it first, so that one that was committed late is not passed over.
alter table dead_letters
    add column relay_partition smallint not null
        generated always as (coalesce(partition, get_byte(decode(left(identity, 2), 'hex'), 0))) stored,
    add column relay_number bigint;
create index dead_letters_to_number on dead_letters (relay_partition) where relay_number is null;
create unique index dead_letters_numbered on dead_letters (relay_partition, relay_number)
    where relay_number is not null;
