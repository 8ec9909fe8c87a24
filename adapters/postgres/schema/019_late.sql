-- Entries of what happened in a month before that of their books: found by the day on which it
-- happened, without the others of the months behind it.
create index postings_of_an_earlier_month on postings (seller, occurred, partition, position)
    include (account, currency, amount, period)
    where period > occurred;
