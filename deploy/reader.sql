-- The role that `villkor serve` asks as: it owns nothing, writes nothing, and sees the rows of whoever
-- asks. Villkor makes it where the owner of its database may create roles; else, and to give it a
-- password, run this with psql as somebody who may (compose.yaml does, when its volume is new):
--
--     READER_PASSWORD_FILE=deploy/reader_password psql -f deploy/reader.sql
\set password `cat "${READER_PASSWORD_FILE:-/run/secrets/reader_password}"`
select 'create role villkor_reader'
where not exists (select from pg_roles where rolname = 'villkor_reader') \gexec
alter role villkor_reader login nosuperuser nocreatedb nocreaterole nobypassrls
    password :'password';
