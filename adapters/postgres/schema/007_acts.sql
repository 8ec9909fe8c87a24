-- The accounting month that an entry belongs to: that of the day on which it was booked, or the first
-- that was open in its partition (projections/ledger.py).
alter table postings add column period date;
alter table postings disable trigger frozen;
update postings set period = date_trunc('month', booked);
alter table postings enable trigger frozen;
alter table postings alter column period set not null;
create index postings_of_a_period on postings (seller, period, account);
