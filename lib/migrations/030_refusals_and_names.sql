-- As enter_write and enter_change, which the previous version calls: a stale epoch is an answer, not an error that the log
-- shows. The transaction is then in no tenant: it sees no rows, and row-level security admits none.
create function admit_write(p_tenant uuid, p_epoch bigint, p_entities bigint[]) returns boolean language plpgsql as $$
declare e bigint;
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  perform pg_advisory_xact_lock_shared(uuid_hash(p_tenant), 0);
  foreach e in array p_entities loop
    perform pg_advisory_xact_lock_shared(e);
  end loop;
  if exists (select from tenant where id = p_tenant and epoch = p_epoch) then return true; end if;
  perform set_config('app.tenant_id', '', true);
  return false;
end $$;

create function admit_change(p_tenant uuid, p_epoch bigint) returns boolean language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  update tenant set epoch = epoch + 1 where id = p_tenant and epoch = p_epoch;
  if found then return true; end if;
  perform set_config('app.tenant_id', '', true);
  return false;
end $$;

-- The form in which user names are compared, written by the server: what lower() makes of a letter follows the locale of
-- the database. Null for accounts made before, until a server starts; username_folded is of the previous version.
alter table account add column username_key text;
create index account_username_key on account (tenant_id, username_key);
create index account_without_key on account (tenant_id, id) where username_key is null;

create policy keys_of_all on account for update using (current_setting('app.lists_names', true) = 'on');

create function names_without_key(p_limit int) returns table (tenant_id uuid, id uuid, username text)
language plpgsql as $$
begin
  perform set_config('app.lists_names', 'on', true);
  return query select a.tenant_id, a.id, a.username from account a
    where a.username_key is null order by a.tenant_id, a.id limit p_limit;
end $$;

create function set_name_keys(p_tenants uuid[], p_ids uuid[], p_keys text[]) returns void language plpgsql as $$
begin
  perform set_config('app.lists_names', 'on', true);
  -- Servers that start together have the same names before them.
  perform pg_advisory_xact_lock(30, 1);
  update account a set username_key = n.key
  from unnest(p_tenants, p_ids, p_keys) as n(tenant_id, id, key)
  where a.tenant_id = n.tenant_id and a.id = n.id and a.username_key is null;
end $$;

-- The names of each tenant that are the same but for case.
create or replace function same_names() returns table (tenant text, usernames text[]) language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  perform set_config('app.lists_names', 'on', true);
  return query
    select t.name, array_agg(a.username order by a.username) from account a join tenant t on t.id = a.tenant_id
    where t.deleted_at is null
    group by t.id, t.name, coalesce(a.username_key, a.username) having count(*) > 1 order by t.name;
end $$;
