-- A deleted entity is hidden for a while before its records are purged: it has no name then, and can come back.
alter table entity add column deleted_at timestamptz;
alter table entity drop constraint entity_tenant_id_name_key;
create unique index entity_name on entity (tenant_id, name) where deleted_at is null;

-- The deleted entities: one row each until the purge has ended, which is also the queue of the background job that purges
-- them, so a session of the platform sees the rows of every tenant.
create table entity_deletion (
  tenant_id uuid not null,
  entity_id bigint not null,
  -- When the purge begins; from then on the entity cannot come back.
  due_at timestamptz not null,
  -- The entity's own former names: [{"name", "since", "until"}]. They are free meanwhile.
  former_names jsonb not null default '[]',
  -- The records up to this id are purged.
  after_id uuid not null default '00000000-0000-0000-0000-000000000000',
  -- The process that works on it, for as long as it keeps saying so.
  worker uuid,
  worked_at timestamptz,
  primary key (tenant_id, entity_id),
  foreign key (tenant_id, entity_id) references entity (tenant_id, id) on delete cascade
);
create index entity_deletion_due on entity_deletion (due_at);

alter table entity_deletion enable row level security;
alter table entity_deletion force row level security;
create policy tenant_or_platform on entity_deletion
  using (tenant_id = app_tenant() or current_setting('app.platform', true) = 'on');

-- Gives a process one entity to purge: its own, or one that no other has worked on for half a minute.
create function claim_entity_purge(p_worker uuid) returns setof entity_deletion language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    update entity_deletion set worker = p_worker, worked_at = now()
    where (tenant_id, entity_id) = (
      select d.tenant_id, d.entity_id from entity_deletion d
      where d.due_at <= now()
        and (d.worker is null or d.worker = p_worker or d.worked_at < now() - interval '30 seconds')
      order by d.due_at
      limit 1 for update skip locked)
    returning entity_deletion.*;
end $$;

-- As before, without hidden entities; their records are counted until they are purged.
create or replace function tenant_usage(p_tenant uuid)
returns table (entities bigint, fields bigint, records bigint, file_bytes bigint, requests bigint)
language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  return query
    select
      (select count(*) from entity e where e.tenant_id = p_tenant and e.deleted_at is null),
      (select coalesce(sum(jsonb_array_length(e.definition -> 'fields')), 0)::bigint from entity e
        where e.tenant_id = p_tenant and e.deleted_at is null),
      (select (t.quotas ->> 'records')::bigint - sum(p.free)::bigint from quota_part p
        where p.tenant_id = p_tenant and p.quota = 'records'),
      (select (t.quotas ->> 'file_bytes')::bigint - sum(p.free)::bigint from quota_part p
        where p.tenant_id = p_tenant and p.quota = 'file_bytes'),
      case when t.quotas ? 'requests_per_minute' then coalesce(
        (select w.granted from request_window w
          where w.tenant_id = p_tenant and w.began_at > clock_timestamp() - interval '1 minute'), 0) end
    from tenant t where t.id = p_tenant;
end $$;

-- As before, without hidden entities.
create or replace function tenant_open_to_anonymous(p_tenant text, p_entity text) returns setof tenant
language plpgsql as $$
declare
  found_id uuid;
  is_open boolean;
begin
  perform set_config('app.tenant_name', p_tenant, true);
  select id into found_id from tenant where name = p_tenant and active and deleted_at is null;
  found_id := coalesce(found_id, '00000000-0000-0000-0000-000000000000');
  perform set_config('app.tenant_id', found_id::text, true);
  is_open := exists (
    select from permission p join entity e on e.tenant_id = p.tenant_id and e.id = p.entity_id
    where p.tenant_id = found_id and p.role = 'anonymous' and e.deleted_at is null
      and (p_entity is null or e.name = p_entity)
      and (p.definition->'read' <> 'false' or (p_entity is not null and p.definition->'create' <> 'false')))
    or exists (
      select from upload_right u
      where u.tenant_id = found_id and u.role = 'anonymous' and u.allowed and p_entity is null);
  return query select * from tenant where id = found_id and is_open;
end $$;

-- Entities whose dropped fields are purged: one row each until that has ended, which is also the queue of the background job.
-- In the definition `purgedKeys` has the keys of these fields and of those that are purged already.
create table field_purge (
  tenant_id uuid not null,
  entity_id bigint not null,
  keys text[] not null,
  -- The records up to this id are purged.
  after_id uuid not null default '00000000-0000-0000-0000-000000000000',
  worker uuid,
  worked_at timestamptz,
  primary key (tenant_id, entity_id),
  foreign key (tenant_id, entity_id) references entity (tenant_id, id) on delete cascade
);

alter table field_purge enable row level security;
alter table field_purge force row level security;
create policy tenant_or_platform on field_purge
  using (tenant_id = app_tenant() or current_setting('app.platform', true) = 'on');

-- As claim_entity_purge.
create function claim_field_purge(p_worker uuid) returns setof field_purge language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    update field_purge set worker = p_worker, worked_at = now()
    where (tenant_id, entity_id) = (
      select p.tenant_id, p.entity_id from field_purge p
      where p.worker is null or p.worker = p_worker or p.worked_at < now() - interval '30 seconds'
      order by p.worked_at nulls first
      limit 1 for update skip locked)
    returning field_purge.*;
end $$;
