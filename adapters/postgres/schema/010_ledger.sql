-- The VAT rate at which what was posted was taxed, in hundredths of a per cent; 0 where it was not.
alter table postings add column rate smallint not null default 0;
alter table postings alter column rate drop default;

-- A page of an account's statement, and what its day comes to up to there.
create index postings_of_a_statement
    on postings (seller, account, period, booked, partition, position, leg)
    include (currency, amount);
drop index postings_of_an_account;

-- What was posted by day, so that a balance is no sum over all postings. Added up from postings
-- (adapters/ledger/sums.py), never beside them: `ledger_summed` says up to which position of each
-- partition, and from which file; sums of another file (a rebuild put a new one there) count nothing.
create table ledger_days (
    seller   text     not null,
    account  smallint not null,
    currency text     not null,
    period   date     not null,
    booked   date     not null,
    rate     smallint not null,
    debit    bigint   not null,
    credit   bigint   not null,
    entries  bigint   not null,
    primary key (seller, account, currency, period, booked, rate)
);
create table ledger_summed (
    partition smallint primary key,
    position  bigint not null,
    file      oid    not null
);
