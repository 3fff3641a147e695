-- Entities with index slots that are being filled: one row each, which is also the queue of the background job, so a
-- session of the platform sees the rows of every tenant.
create table slot_fill (
  tenant_id uuid not null,
  entity_id bigint not null,
  -- In the records up to this id every slot of the entity is filled.
  after_id uuid not null default '00000000-0000-0000-0000-000000000000',
  -- The process that works on it, for as long as it keeps saying so.
  worker uuid,
  worked_at timestamptz,
  primary key (tenant_id, entity_id),
  foreign key (tenant_id, entity_id) references entity (tenant_id, id) on delete cascade
);

alter table slot_fill enable row level security;
alter table slot_fill force row level security;
create policy tenant_or_platform on slot_fill
  using (tenant_id = app_tenant() or current_setting('app.platform', true) = 'on');

-- Gives a process one row to work on: its own, or one that no other has worked on for half a minute.
create function claim_slot_fill(p_worker uuid) returns setof slot_fill language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    update slot_fill set worker = p_worker, worked_at = now()
    where (tenant_id, entity_id) = (
      select f.tenant_id, f.entity_id from slot_fill f
      where f.worker is null or f.worker = p_worker or f.worked_at < now() - interval '30 seconds'
      order by f.worked_at nulls first
      limit 1 for update skip locked)
    returning slot_fill.*;
end $$;
