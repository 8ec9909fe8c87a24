-- Sums of the ledger are added up all together or not at all (adapters/ledger/sums.py). A program
-- that knows ledger_days alone does not say when it added up, and can put nothing here: it would
-- go on from where the others' sums are not. What such programs put there is added up anew.
truncate ledger_days, ledger_orders, ledger_sellers, ledger_summed;
alter table ledger_summed add column added_up_at timestamptz not null;
