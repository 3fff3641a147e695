-- What is otherwise on Citus than on a single PostgreSQL: functions in the place of those of the migrations. Run on every node,
-- as often as tables are distributed.
--
-- A server is connected to the node that holds a tenant, and there works on the tenant's shards themselves, as on a single
-- PostgreSQL: each group of shards has a schema with views of the tables' names (open_shard). What operators do in other
-- tenants goes through the coordinator and Citus.

-- A statement that has come through another node is in no tenant. It would find no rows: it is refused instead, and sent again to
-- the right node. Only the server's own connections have app.is_server. The setting is an argument because Citus evaluates what
-- may turn out not to be needed.
create or replace function refuse_elsewhere(p_is_server text) returns uuid language plpgsql stable as $$
begin
  if p_is_server is null then raise exception 'the tenant is on another node' using errcode = 'UV005'; end if;
  return null;
end $$;

create or replace function app_tenant() returns uuid language sql stable parallel safe as $$
  select coalesce(nullif(current_setting('app.tenant_id', true), '')::uuid,
    refuse_elsewhere(current_setting('app.is_server', true))) $$;

-- Whether the shards of this group are on this node; refused otherwise, as they may just have been moved.
create or replace function shard_is_here(p_shard bigint) returns boolean language plpgsql as $$
begin
  if exists (select from pg_dist_placement p join pg_dist_local_group g on g.groupid = p.groupid where p.shardid = p_shard) then
    return true;
  end if;
  raise exception 'the tenant is on another node' using errcode = 'UV005';
end $$;

-- Holds the shards where they are until the transaction ends: what moves them waits for it, and holds up whoever comes after.
-- So what a transaction locks and writes here counts. Only the owner may take this lock of Citus; the shard is the one of
-- `tenant`, which was distributed first, so that a move that waits for it holds no other.
create or replace function hold_shard(p_shard bigint) returns boolean
language plpgsql security definer set search_path from current as $$
begin
  perform lock_shard_metadata(5, array[p_shard]);
  return shard_is_here(p_shard);
end $$;

-- Makes the schema of a group of shards on the node that holds them, with a view for each table: row-level security binds who
-- uses it, and a statement through it is one on the shard.
create or replace function open_shard(p_shard bigint) returns void
language plpgsql security definer set search_path from current set citus.enable_ddl_propagation to off as $$
declare
  home text := format('shard_%s', p_shard);
  t record;
  d record;
begin
  perform shard_is_here(p_shard);
  -- Every connection asks for it: most find it as it is to be.
  if (select count(*) from pg_class where relnamespace = to_regnamespace(home))
    = (select count(*) from pg_dist_partition p join pg_dist_partition o on o.colocationid = p.colocationid
        where o.logicalrelid = 'tenant'::regclass) then return; end if;
  perform pg_advisory_xact_lock(p_shard);
  if to_regnamespace(home) is null then
    execute format('create schema %I', home);
    execute format('grant usage on schema %I to univera_app', home);
  end if;
  for t in
    select c.oid, c.relname as name, n.nspname as schema, s.shardid as shard
    from pg_dist_shard own
      join pg_dist_partition o on o.logicalrelid = own.logicalrelid
      join pg_dist_partition p on p.colocationid = o.colocationid
      join pg_dist_shard s on s.logicalrelid = p.logicalrelid and s.shardminvalue = own.shardminvalue
      join pg_class c on c.oid = s.logicalrelid join pg_namespace n on n.oid = c.relnamespace
    where own.shardid = p_shard and to_regclass(format('%I.%I', home, c.relname)) is null
  loop
    execute format('create view %I.%I with (security_invoker = true) as select * from %I.%I',
      home, t.name, t.schema, t.name || '_' || t.shard);
    execute format('grant select, insert, update, delete on %I.%I to univera_app', home, t.name);
    -- Shards have no sequences; each node has numbers of its own.
    for d in
      select a.attname as name, pg_get_expr(v.adbin, v.adrelid) as value
      from pg_attrdef v join pg_attribute a on a.attrelid = v.adrelid and a.attnum = v.adnum
      where v.adrelid = t.oid and pg_get_expr(v.adbin, v.adrelid) like '%nextval(%'
    loop
      execute format('alter view %I.%I alter column %I set default %s', home, t.name, d.name, d.value);
    end loop;
  end loop;
end $$;

create or replace function open_shards() returns void language plpgsql as $$
begin
  perform open_shard(s.shardid) from pg_dist_shard s
    join pg_dist_placement p on p.shardid = s.shardid join pg_dist_local_group g on g.groupid = p.groupid
  where s.logicalrelid = 'tenant'::regclass;
end $$;

-- Takes away what open_shard has made on this node, before tables change.
create or replace function close_shards() returns void language plpgsql set citus.enable_ddl_propagation to off as $$
declare home text;
begin
  for home in select nspname from pg_namespace where nspname ~ '^shard_\d+$' loop
    execute format('drop schema %I cascade', home);
  end loop;
end $$;

-- Leads the transaction of an operator into another tenant, wherever it is.
create or replace function enter_elsewhere(p_tenant uuid) returns void language plpgsql as $$
begin
  perform set_config('citus.propagate_set_commands', 'local', true);
  execute format('set local app.tenant_id to %L', coalesce(p_tenant::text, ''));
end $$;

-- As admit_change, without a new epoch.
create or replace function admit_elsewhere(p_tenant uuid, p_epoch bigint) returns boolean language plpgsql as $$
begin
  perform enter_elsewhere(p_tenant);
  if exists (select from tenant where id = p_tenant and epoch = p_epoch) then return true; end if;
  perform enter_elsewhere(null);
  return false;
end $$;

create or replace function directory_id(p_name text) returns uuid language plpgsql as $$
begin
  perform set_config('app.tenant_name', p_name, true);
  return (select tenant_id from directory where name = p_name);
end $$;

create or replace function enter_new_tenant(p_tenant uuid, p_name text) returns void language plpgsql as $$
begin
  perform enter_elsewhere(p_tenant);
  insert into directory (name, tenant_id) values (p_name, p_tenant);
  insert into tenant (id, name) values (p_tenant, p_name);
end $$;

create or replace function enter_tenant_change(p_name text) returns setof tenant language plpgsql as $$
declare found_id uuid := directory_id(p_name);
begin
  perform enter_elsewhere(found_id);
  update tenant set epoch = epoch + 1 where id = found_id and deleted_at is null;
  return query select * from tenant where id = found_id;
end $$;

create or replace function tenant_by_name(p_name text) returns setof tenant language plpgsql as $$
declare found_id uuid := directory_id(p_name);
begin
  perform enter_elsewhere(found_id);
  return query select * from tenant where id = found_id and deleted_at is null;
end $$;

create or replace function tenant_to_sign_in(p_tenant uuid) returns setof tenant language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  return query select * from tenant where id = p_tenant and active and deleted_at is null;
end $$;

create or replace function tenant_to_visit(p_tenant uuid, p_entity text) returns setof tenant language plpgsql as $$
declare is_open boolean;
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  is_open := exists (
    select from permission p join entity e on e.tenant_id = p.tenant_id and e.id = p.entity_id
    where p.tenant_id = p_tenant and p.role = 'anonymous' and e.deleted_at is null
      and (p_entity is null or e.name = p_entity)
      and (p.definition->'read' <> 'false' or (p_entity is not null and p.definition->'create' <> 'false')))
    or exists (
      select from upload_right u
      where u.tenant_id = p_tenant and u.role = 'anonymous' and u.allowed and p_entity is null);
  return query select * from tenant where id = p_tenant and is_open and active and deleted_at is null;
end $$;

create or replace function list_tenants(p_limit bigint, p_offset bigint) returns setof tenant language plpgsql as $$
declare found_id uuid;
begin
  perform set_config('app.platform', 'on', true);
  for found_id in
    select tenant_id from directory where name <> '' order by name collate "C" limit p_limit offset p_offset
  loop
    perform enter_elsewhere(found_id);
    return query select * from tenant where id = found_id and deleted_at is null;
  end loop;
end $$;

-- Locks out the writers of a tenant, on its node.
create or replace function lock_writers(p_tenant uuid) returns boolean language plpgsql as $$
begin
  perform pg_advisory_xact_lock(uuid_hash(p_tenant), 0);
  return true;
end $$;

create or replace function set_quotas(p_tenant uuid, p_quotas jsonb) returns void language plpgsql as $$
declare
  q text;
  used bigint;
  share bigint;
begin
  perform from tenant t where t.id = p_tenant and lock_writers(t.id);
  update tenant set quotas = p_quotas where id = p_tenant;
  delete from quota_part where tenant_id = p_tenant;
  foreach q in array array['file_bytes', 'records'] loop
    if p_quotas ? q then
      if q = 'records' then
        select count(*) into used from record where tenant_id = p_tenant and entity_id <> 0;
      else
        select coalesce(sum((data ->> 'size')::bigint), 0) into used
        from record where tenant_id = p_tenant and entity_id = 0;
      end if;
      share := (p_quotas ->> q)::bigint - used;
      for n in 0 .. 15 loop
        insert into quota_part (tenant_id, quota, part, free) values (p_tenant, q, n, share);
        share := 0;
      end loop;
    end if;
  end loop;
end $$;

create or replace function sweep_audit(p_before timestamptz, p_limit bigint) returns bigint
language plpgsql security definer set search_path from current as $$
declare
  shard text := format('shard_%s.audit', current_setting('app.shard')::bigint);
  swept bigint;
begin
  perform set_config('app.sweeps_audit', 'on', true);
  execute format('delete from %1$s where (tenant_id, id) in (
    select tenant_id, id from %1$s where created_at < least($1, $2)
      or (tenant_id = ''00000000-0000-0000-0000-000000000000'' and created_at < $2)
    limit $3 for update skip locked)', shard) using p_before, now() - interval '1 day', p_limit;
  get diagnostics swept = row_count;
  perform set_config('app.sweeps_audit', '', true);
  return swept;
end $$;
