-- When what is sent under an Idempotency-Key was first sent: the time of what it tells, so that the
-- same told again is the same fact, byte for byte.
alter table answered add column told_at timestamptz not null default now();
