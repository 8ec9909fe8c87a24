-- What was changed in a parked message before it was told again: the letter keeps the bytes that came.
create table dead_letter_edits (
    id        bigint generated always as identity primary key,
    letter    bigint      not null references dead_letters (id),
    value     bytea       not null,
    edited_at timestamptz not null,
    edited_by text        not null,
    note      text        not null
);
create index dead_letter_edits_of_a_letter on dead_letter_edits (letter);
