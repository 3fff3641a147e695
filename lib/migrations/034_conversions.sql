-- Entities whose definition is changed beside live traffic: one row each until the change is in force or cancelled, which is
-- also the queue of the background job, so a session of the platform sees the rows of every tenant. What writers need of a
-- change is in the definition, as `pending`.
create table conversion (
  tenant_id uuid not null,
  entity_id bigint not null,
  -- The plan that is carried out, with the state that others see.
  plan_id text not null,
  -- The definition that is to be, and what the change leaves behind: {"definition", "name", "grace", "action", "author"}.
  change jsonb not null,
  -- The records up to this id are prepared; those above the other came later, and their writers have prepared them.
  after_id uuid not null default '00000000-0000-0000-0000-000000000000',
  upto_id uuid,
  done bigint not null default 0,
  total bigint,
  begun_at timestamptz not null default now(),
  due_at timestamptz not null default now(),
  -- The process that works on it, for as long as it keeps saying so.
  worker uuid,
  worked_at timestamptz,
  -- Whether it was left alone since it was found to be blocked.
  resting boolean not null default false,
  primary key (tenant_id, entity_id),
  foreign key (tenant_id, entity_id) references entity (tenant_id, id) on delete cascade
);

alter table conversion enable row level security;
alter table conversion force row level security;
create policy tenant_or_platform on conversion
  using (tenant_id = app_tenant() or current_setting('app.platform', true) = 'on');

-- Gives a process one row to work on: its own, or one that no other has worked on for half a minute.
create function claim_conversion(p_worker uuid) returns setof conversion language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    update conversion set worker = p_worker, worked_at = now()
    where (tenant_id, entity_id) = (
      select c.tenant_id, c.entity_id from conversion c
      where c.due_at <= now()
        and (c.worker is null or c.worker = p_worker or c.worked_at < now() - interval '30 seconds')
      order by c.worked_at nulls first, c.due_at
      limit 1 for update skip locked)
    returning conversion.*;
end $$;

-- Values that a change does not take, by the key of the field as it is to be: what blocks the change, and afterwards the
-- quarantine. Written by the statements that write the records. No foreign key to the record: every delete would pay for it.
create table misfit (
  tenant_id uuid not null,
  entity_id bigint not null,
  key text not null,
  id uuid not null,
  reason text not null,
  -- Whether the job has looked at it since it was written.
  checked boolean not null default false,
  primary key (tenant_id, entity_id, key, id),
  foreign key (tenant_id, entity_id) references entity (tenant_id, id) on delete cascade
);
create index misfit_unchecked on misfit (tenant_id, entity_id, key, id) where not checked;

alter table misfit enable row level security;
alter table misfit force row level security;
create policy tenant_only on misfit using (tenant_id = app_tenant());
