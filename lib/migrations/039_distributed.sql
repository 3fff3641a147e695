-- What keeps tables from being distributed over several nodes (Citus): identity columns, triggers, and rows that the traffic
-- of tenants writes without saying of which tenant they are.

-- An identity column is made a plain one with the same sequence; ids stay unique over all tenants.
do $$
declare next bigint := nextval(pg_get_serial_sequence('entity', 'id'));
begin
  alter table entity alter id drop identity;
  execute format('create sequence entity_id_seq start %s', next);
  alter table entity alter id set default nextval('entity_id_seq');
  alter sequence entity_id_seq owned by entity.id;
end $$;

-- The statements that delete links note themselves when a file was let go of. For as long as a server of the previous version
-- runs beside this one, what it releases counts as unused from the time before.
drop trigger file_release on link;
drop function note_file_release();

-- Failed sign-ins say at which tenant, where tenants are on different nodes; else all are counted together, at the tenant
-- without a name.
alter table failed_attempt add column tenant_id uuid not null default '00000000-0000-0000-0000-000000000000';
alter table failed_attempt drop constraint failed_attempt_pkey, add primary key (tenant_id, key);

create function read_failures(p_tenant uuid, p_keys bytea[])
returns table (place bigint, failed int, remaining float8) language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    select k.place, f.failures, extract(epoch from f.ends_at - clock_timestamp())::float8 * 1000
    from unnest(p_keys) with ordinality as k(key, place) join failed_attempt f on f.key = k.key
    where f.tenant_id = p_tenant and f.ends_at > clock_timestamp();
end $$;

create function add_failures(p_tenant uuid, p_keys bytea[])
returns table (place bigint, failed int, remaining float8) language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  -- In one order, so that two who add never wait for each other in a circle.
  insert into failed_attempt as f (tenant_id, key, failures, ends_at)
  select distinct p_tenant, k.key, 1, clock_timestamp() + interval '1 minute' from unnest(p_keys) as k(key) order by k.key
  on conflict (tenant_id, key) do update set
    failures = case when f.ends_at <= clock_timestamp() then 1 else f.failures + 1 end,
    ends_at = case when f.ends_at <= clock_timestamp() then excluded.ends_at else f.ends_at end;
  -- Now and then somebody sweeps.
  if random() < 0.02 then
    delete from failed_attempt where tenant_id = p_tenant and key = any(array(
      select f.key from failed_attempt f where f.tenant_id = p_tenant and f.ends_at < clock_timestamp()
      limit 1000 for update skip locked));
  end if;
  return query select * from read_failures(p_tenant, p_keys);
end $$;

-- Those that the previous version calls.
create or replace function read_failures(p_keys bytea[]) returns table (place bigint, failed int, remaining float8)
language plpgsql as $$
begin
  return query select * from read_failures('00000000-0000-0000-0000-000000000000', p_keys);
end $$;

create or replace function add_failures(p_keys bytea[]) returns table (place bigint, failed int, remaining float8)
language plpgsql as $$
begin
  return query select * from add_failures('00000000-0000-0000-0000-000000000000', p_keys);
end $$;

-- The names of tenants, where a unique index over all tenants cannot be: filled and used where they are distributed.
create table directory (
  name text primary key,
  tenant_id uuid not null
);

alter table directory enable row level security;
alter table directory force row level security;
create policy named_only on directory
  using (tenant_id = app_tenant() or name = nullif(current_setting('app.tenant_name', true), '')
    or current_setting('app.platform', true) = 'on');
