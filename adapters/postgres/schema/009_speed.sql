-- An order's dossier is read and written whole, by the projections alone: as text it is kept as it
-- came, byte for byte, and no batch pays for parsing it. Rows of orders change with every fact, and
-- find room for that beside themselves.
alter table orders alter column dossier type text;
alter table orders set (fillfactor = 60);
