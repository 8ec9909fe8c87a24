-- Work queues: what waits for a person, and what was changed in letters that were parked.

-- One entry for each time that a person was asked or the question fell away: what is open is found
-- without reading what else happened to an order.
create index timeline_of_decisions on timeline (seller, order_id, version)
    include (type, source, message, kind, at)
    where type in ('DecisionNeeded', 'DecisionSettled');

-- What was changed in a letter is there for whom the letter is there.
alter table dead_letter_edits enable row level security;
do $$
begin
    if (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) then
        alter table dead_letter_edits force row level security;
    end if;
end
$$;
create policy of_a_letter on dead_letter_edits for select to villkor_reader using (
    exists (select from dead_letters d where d.id = dead_letter_edits.letter)
);
grant select on dead_letter_edits to villkor_reader;
