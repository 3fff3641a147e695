-- What is otherwise on Citus than on a single PostgreSQL: functions in the place of those of the migrations. Run on every node,
-- as often as tables are distributed. The tenant's shards are on one node, and its statements go there; what is set for a
-- transaction does not travel to other nodes by itself.

-- A statement that has come through another node is in no tenant. It would find no rows: it is refused instead, and sent again to
-- the right node. (A connection of the server has the setting from its start, if only empty.)
create or replace function refuse_elsewhere() returns uuid language plpgsql stable as $$
begin
  raise exception 'the tenant is on another node' using errcode = 'UV005';
end $$;

create or replace function app_tenant() returns uuid language sql stable parallel safe as $$
  select case when current_setting('app.tenant_id', true) is null then refuse_elsewhere()
    else nullif(current_setting('app.tenant_id', true), '')::uuid end $$;

-- Holds the tenant's shards where they are until the transaction ends: what moves them waits for it, and then holds up whoever
-- comes after. So what a transaction locks and decides here holds for the tenant. Only the owner may take this lock; the first
-- table that a move locks is `tenant`, which was distributed first.
create or replace function hold_shard(p_tenant uuid) returns void language plpgsql security definer set search_path from current as $$
begin
  perform lock_shard_metadata(5, array[get_shard_id_for_distribution_column('tenant', p_tenant)]);
end $$;

create or replace function admit_read(p_tenant uuid, p_epoch bigint) returns boolean language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  perform hold_shard(p_tenant);
  return exists (select from tenant where id = p_tenant and epoch = p_epoch);
end $$;

create or replace function admit_write(p_tenant uuid, p_epoch bigint, p_entities bigint[]) returns boolean language plpgsql as $$
declare e bigint;
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  perform hold_shard(p_tenant);
  perform pg_advisory_xact_lock_shared(uuid_hash(p_tenant), 0);
  foreach e in array p_entities loop
    perform pg_advisory_xact_lock_shared(e);
  end loop;
  if exists (select from tenant where id = p_tenant and epoch = p_epoch) then return true; end if;
  perform set_config('app.tenant_id', '', true);
  return false;
end $$;

create or replace function admit_change(p_tenant uuid, p_epoch bigint) returns boolean language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  perform hold_shard(p_tenant);
  update tenant set epoch = epoch + 1 where id = p_tenant and epoch = p_epoch;
  if found then return true; end if;
  perform set_config('app.tenant_id', '', true);
  return false;
end $$;

-- Leads the transaction of an operator into another tenant, wherever it is.
create or replace function enter_elsewhere(p_tenant uuid) returns void language plpgsql as $$
begin
  perform set_config('citus.propagate_set_commands', 'local', true);
  execute format('set local app.tenant_id to %L', coalesce(p_tenant::text, ''));
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

-- The shards of a table on this node. What looks for work among all tenants does so on each node, among its own: a node that
-- is down then holds up nobody else's.
create or replace function local_shards(p_table text) returns setof text language sql stable as $$
  select format('%I.%I', n.nspname, c.relname || '_' || s.shardid)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_dist_shard s on s.logicalrelid = c.oid
    join pg_dist_placement p on p.shardid = s.shardid
    join pg_dist_local_group g on g.groupid = p.groupid
  where c.oid = p_table::regclass
  order by random()
$$;

create or replace function deleted_tenants() returns setof uuid language plpgsql as $$
declare shard text;
begin
  perform set_config('app.platform', 'on', true);
  for shard in select local_shards('tenant') loop
    return query execute format('select id from %s where deleted_at is not null order by deleted_at', shard);
  end loop;
end $$;

create or replace function tenants_of_ended_aliases(p_now timestamptz) returns setof uuid language plpgsql as $$
declare shard text;
begin
  perform set_config('app.platform', 'on', true);
  for shard in select local_shards('name_alias') loop
    return query execute format('select distinct tenant_id from %s where until <= $1', shard) using p_now;
  end loop;
end $$;

-- Claims one row of a queue whose tenant is on this node; null: there is none.
create or replace function claim_here(p_queue text, p_due text, p_worker uuid, out tenant_id uuid, out entity_id bigint)
language plpgsql as $$
declare
  shard text;
  job record;
  free constant text := '(worker is null or worker = $1 or worked_at < now() - interval ''30 seconds'')';
begin
  perform set_config('app.platform', 'on', true);
  for shard in select local_shards(p_queue) loop
    for job in execute format('select tenant_id, entity_id from %s where %s and %s limit 10', shard, p_due, free)
      using p_worker
    loop
      execute format('update %I set worker = $1, worked_at = now() where tenant_id = $2 and entity_id = $3 and %s and %s
        returning tenant_id, entity_id', p_queue, p_due, free)
        into tenant_id, entity_id using p_worker, job.tenant_id, job.entity_id;
      if tenant_id is not null then return; end if;
    end loop;
  end loop;
end $$;

create or replace function claim_slot_fill(p_worker uuid) returns setof slot_fill language plpgsql as $$
declare found record := claim_here('slot_fill', 'true', p_worker);
begin
  return query select * from slot_fill where tenant_id = found.tenant_id and entity_id = found.entity_id;
end $$;

create or replace function claim_key_fill(p_worker uuid) returns setof key_fill language plpgsql as $$
declare found record := claim_here('key_fill', 'due_at <= now()', p_worker);
begin
  return query select * from key_fill where tenant_id = found.tenant_id and entity_id = found.entity_id;
end $$;

create or replace function claim_entity_purge(p_worker uuid) returns setof entity_deletion language plpgsql as $$
declare found record := claim_here('entity_deletion', 'due_at <= now()', p_worker);
begin
  return query select * from entity_deletion where tenant_id = found.tenant_id and entity_id = found.entity_id;
end $$;

create or replace function claim_field_purge(p_worker uuid) returns setof field_purge language plpgsql as $$
declare found record := claim_here('field_purge', 'true', p_worker);
begin
  return query select * from field_purge where tenant_id = found.tenant_id and entity_id = found.entity_id;
end $$;

create or replace function sweep_audit(p_before timestamptz, p_limit bigint) returns bigint
language plpgsql security definer set search_path from current as $$
declare
  day_ago constant timestamptz := now() - interval '1 day';
  shard text;
  old record;
  swept bigint := 0;
begin
  if not pg_try_advisory_xact_lock(-8431905520162) then return null; end if;
  perform set_config('app.sweeps_audit', 'on', true);
  for shard in select local_shards('audit') loop
    for old in execute format('select a.tenant_id, array_agg(a.id) as ids from (
        select tenant_id, id from %s where created_at < least($1, $2)
          or (tenant_id = ''00000000-0000-0000-0000-000000000000'' and created_at < $2) limit $3) a group by a.tenant_id', shard)
      using p_before, day_ago, p_limit - swept
    loop
      delete from audit where tenant_id = old.tenant_id and id = any(old.ids);
      swept := swept + cardinality(old.ids);
    end loop;
    exit when swept >= p_limit;
  end loop;
  perform set_config('app.sweeps_audit', '', true);
  return swept;
end $$;

create or replace function names_without_key(p_limit int) returns table (tenant_id uuid, id uuid, username text)
language plpgsql as $$
declare shard text;
begin
  perform set_config('app.lists_names', 'on', true);
  for shard in select local_shards('account') loop
    return query execute format(
      'select tenant_id, id, username from %s where username_key is null limit $1', shard) using p_limit;
  end loop;
end $$;

create or replace function set_name_keys(p_tenants uuid[], p_ids uuid[], p_keys text[]) returns void language plpgsql as $$
begin
  perform set_config('app.lists_names', 'on', true);
  for i in 1 .. cardinality(p_ids) loop
    update account set username_key = p_keys[i] where tenant_id = p_tenants[i] and id = p_ids[i] and username_key is null;
  end loop;
end $$;

create or replace function same_names() returns table (tenant text, usernames text[]) language plpgsql as $$
declare
  shard text;
  same record;
begin
  perform set_config('app.platform', 'on', true);
  perform set_config('app.lists_names', 'on', true);
  for shard in select local_shards('account') loop
    for same in execute format('select tenant_id, array_agg(username order by username) as names from %s
        group by tenant_id, coalesce(username_key, username) having count(*) > 1', shard)
    loop
      return query select t.name, same.names from tenant t where t.id = same.tenant_id and t.deleted_at is null;
    end loop;
  end loop;
end $$;
