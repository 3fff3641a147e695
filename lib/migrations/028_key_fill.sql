-- Texts fold otherwise than before: syllables are composed, and letters with a stroke and ligatures are plain. Entities whose
-- records may have sort keys of before: one row each, which is also the queue of the background job that derives them again,
-- so a session of the platform sees the rows of every tenant. An older process beside this one knows nothing of it.
create table key_fill (
  tenant_id uuid not null,
  entity_id bigint not null,
  -- The records up to this id have their keys.
  after_id uuid not null default '00000000-0000-0000-0000-000000000000',
  -- Whether it is the second pass, over what an older process has written during and after the first.
  again boolean not null default false,
  due_at timestamptz not null default now(),
  -- The process that works on it, for as long as it keeps saying so.
  worker uuid,
  worked_at timestamptz,
  primary key (tenant_id, entity_id),
  foreign key (tenant_id, entity_id) references entity (tenant_id, id) on delete cascade
);

-- The owner sees the entities of every tenant for as long as this takes.
alter table entity no force row level security;

update entity set definition = definition || '{"formerKeys": true}'
where jsonb_path_exists(definition, '$.fields[*] ? (@.type == "string" || @.type == "text" || @.type == "email" || @.type == "url" || @.type == "enum")');

insert into key_fill (tenant_id, entity_id)
select tenant_id, id from entity where definition ? 'formerKeys';

alter table entity force row level security;

alter table key_fill enable row level security;
alter table key_fill force row level security;
create policy tenant_or_platform on key_fill
  using (tenant_id = app_tenant() or current_setting('app.platform', true) = 'on');

-- Gives a process one row to work on: its own, or one that no other has worked on for half a minute.
create function claim_key_fill(p_worker uuid) returns setof key_fill language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    update key_fill set worker = p_worker, worked_at = now()
    where (tenant_id, entity_id) = (
      select f.tenant_id, f.entity_id from key_fill f
      where f.due_at <= now()
        and (f.worker is null or f.worker = p_worker or f.worked_at < now() - interval '30 seconds')
      order by f.due_at, f.worked_at nulls first
      limit 1 for update skip locked)
    returning key_fill.*;
end $$;
