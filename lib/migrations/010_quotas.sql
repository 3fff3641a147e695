-- What operators let a tenant have at most: {"entities", "fields", "records", "file_bytes", "requests_per_minute"}, each
-- a number; what is absent has no limit.
alter table tenant add column quotas jsonb not null default '{}';

-- What is left of a counted quota (records, file_bytes), in sixteen parts, so that writers at the same time seldom meet:
-- each takes from its own, and only when that is too small from all together. Rows exist for tenants with such a quota
-- alone; limit = what there is + the sum of the parts, with every commit.
create table quota_part (
  tenant_id uuid not null references tenant (id) on delete cascade,
  quota text not null,
  part smallint not null,
  free bigint not null,
  primary key (tenant_id, quota, part)
) with (fillfactor = 50);

-- How many requests a tenant with such a quota was granted in the minute that began then.
create table request_window (
  tenant_id uuid primary key references tenant (id) on delete cascade,
  began_at timestamptz not null,
  granted bigint not null
) with (fillfactor = 50);

do $$
declare t text;
begin
  foreach t in array array['quota_part', 'request_window'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant_only on %I using (tenant_id = app_tenant())', t);
  end loop;
end $$;

-- As before, and holds off a change of the tenant's quotas: what is counted then must not change meanwhile.
create or replace function enter_write(p_tenant uuid, p_epoch bigint, p_entities bigint[]) returns void
language plpgsql as $$
declare e bigint;
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  perform pg_advisory_xact_lock_shared(uuid_hash(p_tenant), 0);
  foreach e in array p_entities loop
    perform pg_advisory_xact_lock_shared(e);
  end loop;
  if not exists (select from tenant where id = p_tenant and epoch = p_epoch) then
    raise exception 'stale epoch' using errcode = 'UV001';
  end if;
end $$;

-- Takes from what is left of a quota, or gives back to it (p_count < 0); raises UV002 when too little is left. Holds
-- locks until the transaction ends, so it is the last thing that a transaction does.
create function settle_quota(p_tenant uuid, p_quota text, p_count bigint) returns void language plpgsql as $$
declare
  parts constant int := 16;
  total bigint;
begin
  if p_count = 0 then return; end if;
  -- A part is below zero when the tenant had more than its quota from the start: then all parts count together.
  update quota_part set free = free - p_count
  where tenant_id = p_tenant and quota = p_quota and part = pg_backend_pid() % parts
    and (p_count < 0 or free >= p_count and not exists (
      select from quota_part d where d.tenant_id = p_tenant and d.quota = p_quota and d.free < 0));
  if found then return; end if;
  perform from quota_part where tenant_id = p_tenant and quota = p_quota order by part for update;
  if not found then return; end if;
  select sum(free) into total from quota_part where tenant_id = p_tenant and quota = p_quota;
  if total < p_count then
    raise exception 'quota' using errcode = 'UV002', detail = json_build_object(
      'quota', p_quota, 'free', total, 'wanted', p_count,
      'limit', (select (quotas ->> p_quota)::bigint from tenant where id = p_tenant))::text;
  end if;
  total := total - p_count;
  update quota_part set free = total / parts + case when part < total % parts then 1 else 0 end
  where tenant_id = p_tenant and quota = p_quota;
end $$;

-- Notes that there is more, or less, of something: settled at once, or at the end of a transaction that will do so.
-- What a savepoint undoes is not counted.
create function count_quota(p_tenant uuid, p_quota text, p_count bigint) returns void language plpgsql as $$
declare
  noted text := 'app.counted_' || p_quota;
begin
  if current_setting('app.settles_quotas', true) = 'on' then
    perform set_config(noted, (coalesce(nullif(current_setting(noted, true), ''), '0')::bigint + p_count)::text, true);
  else
    perform settle_quota(p_tenant, p_quota, p_count);
  end if;
end $$;

-- The last statement of a transaction that has set app.settles_quotas.
create function settle_quotas(p_tenant uuid) returns void language plpgsql as $$
declare
  q text;
begin
  foreach q in array array['file_bytes', 'records'] loop
    perform settle_quota(p_tenant, q, coalesce(nullif(current_setting('app.counted_' || q, true), ''), '0')::bigint);
  end loop;
end $$;

-- Gives the tenant that the transaction is in its quotas, and counts what there is: waits for those who write there, and
-- lets nobody write until it commits.
create function set_quotas(p_tenant uuid, p_quotas jsonb) returns void language plpgsql as $$
declare
  q text;
  used bigint;
begin
  perform pg_advisory_xact_lock(uuid_hash(p_tenant), 0);
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
      -- All in one part: the first who finds his own too small divides it.
      insert into quota_part (tenant_id, quota, part, free)
      select p_tenant, q, n, case n when 0 then (p_quotas ->> q)::bigint - used else 0 end
      from generate_series(0, 15) as n;
    end if;
  end loop;
end $$;

-- What a tenant has of everything that a quota can limit; null where nothing counts it. Leads the transaction into it.
create function tenant_usage(p_tenant uuid)
returns table (entities bigint, fields bigint, records bigint, file_bytes bigint, requests bigint)
language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  return query
    select
      (select count(*) from entity e where e.tenant_id = p_tenant),
      (select coalesce(sum(jsonb_array_length(e.definition -> 'fields')), 0)::bigint from entity e
        where e.tenant_id = p_tenant),
      (select (t.quotas ->> 'records')::bigint - sum(p.free)::bigint from quota_part p
        where p.tenant_id = p_tenant and p.quota = 'records'),
      (select (t.quotas ->> 'file_bytes')::bigint - sum(p.free)::bigint from quota_part p
        where p.tenant_id = p_tenant and p.quota = 'file_bytes'),
      case when t.quotas ? 'requests_per_minute' then coalesce(
        (select w.granted from request_window w
          where w.tenant_id = p_tenant and w.began_at > clock_timestamp() - interval '1 minute'), 0) end
    from tenant t where t.id = p_tenant;
end $$;

-- Grants requests of the present minute: as many as wait, and some ahead while plenty are left. No row: none are left.
create function take_requests(p_tenant uuid, p_waiting bigint, p_ahead bigint, p_limit bigint)
returns table (taken bigint, seconds float8) language plpgsql as $$
declare
  w request_window;
begin
  -- What a crash forgets here harms nobody.
  perform set_config('synchronous_commit', 'off', true);
  insert into request_window as r (tenant_id, began_at, granted) values (p_tenant, clock_timestamp(), 0)
  on conflict (tenant_id) do update set
    began_at = case when r.began_at <= clock_timestamp() - interval '1 minute' then clock_timestamp() else r.began_at end,
    granted = case when r.began_at <= clock_timestamp() - interval '1 minute' then 0 else r.granted end
  returning * into w;
  taken := greatest(0, least(p_limit - w.granted, greatest(p_waiting, least(p_ahead, (p_limit - w.granted) / 8))));
  update request_window set granted = granted + taken where tenant_id = p_tenant;
  seconds := 60 - extract(epoch from clock_timestamp() - w.began_at);
  return next;
end $$;
