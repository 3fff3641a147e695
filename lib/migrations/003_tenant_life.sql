-- Tenants made, suspended and deleted by operators. A deleted tenant gives its name free at once; its rows and files go
-- in the background, and its own row goes last.

alter table tenant add column deleted_at timestamptz;
alter table tenant drop constraint tenant_name_key;
create unique index tenant_name on tenant (name) where deleted_at is null;

create or replace function tenant_by_name(p_name text) returns setof tenant language plpgsql as $$
begin
  perform set_config('app.tenant_name', p_name, true);
  return query select * from tenant where name = p_name and deleted_at is null;
end $$;

-- What an operator sees; for the rest of the transaction only.
create function list_tenants(p_limit bigint, p_offset bigint) returns setof tenant language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query select * from tenant where deleted_at is null order by name collate "C" limit p_limit offset p_offset;
end $$;

-- Leads the transaction of an operator into another tenant, whose older scopes are all stale at commit.
create function enter_tenant_change(p_name text) returns setof tenant language plpgsql as $$
declare found_id uuid;
begin
  perform set_config('app.tenant_name', p_name, true);
  update tenant set epoch = epoch + 1 where name = p_name and deleted_at is null returning id into found_id;
  perform set_config('app.tenant_id', coalesce(found_id::text, ''), true);
  return query select * from tenant where id = found_id;
end $$;

-- The tenants whose rows and files wait to be removed.
create function deleted_tenants() returns setof uuid language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query select id from tenant where deleted_at is not null order by deleted_at;
end $$;
