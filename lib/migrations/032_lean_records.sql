-- A record keeps the sort keys of fields that have neither a filled slot nor a key that SQL makes of the data. Queries look at no
-- other. One that was never changed has no time and author of a change: those of its creation are both. What records of before
-- have beyond that is removed in the background, by the same pass that derives keys again.
alter table record alter updated_at drop not null, alter updated_at drop default;

alter table entity no force row level security;
alter table key_fill no force row level security;

insert into key_fill (tenant_id, entity_id)
select tenant_id, id from entity
on conflict (tenant_id, entity_id) do update set after_id = default, again = false, due_at = default;

alter table key_fill force row level security;
alter table entity force row level security;
