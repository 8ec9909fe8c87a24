-- A rebuild puts other read models in the place of the live ones, while writers are at work: each
-- swap begins a new generation, and who folded on the rows of an older one writes nothing.
alter table partitions add column models bigint not null default 0;

-- Which version of its projection a read model was built by (projections/).
create table read_models (
    name     text        primary key,
    version  int         not null,
    built_at timestamptz not null default now()
);
