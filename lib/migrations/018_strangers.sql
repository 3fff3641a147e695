-- The tenant of sign-ins that name none: it has no users and a name that none can have. Such a sign-in is looked up and
-- recorded there, so that it does the same work, in the same time, as one at a tenant that exists.
insert into tenant (id, name) select '00000000-0000-0000-0000-000000000000', ''
from set_config('app.platform', 'on', true);

-- The active tenant of that name, else the one of sign-ins that name none.
create function tenant_for_sign_in(p_name text) returns setof tenant language plpgsql as $$
declare
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
begin
  perform set_config('app.tenant_name', p_name, true);
  perform set_config('app.tenant_id', nobody::text, true);
  return query
    select * from tenant where id = nobody or (name = p_name and active and deleted_at is null)
    order by id = nobody limit 1;
end $$;

create or replace function list_tenants(p_limit bigint, p_offset bigint) returns setof tenant language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query select * from tenant where deleted_at is null and name <> ''
    order by name collate "C" limit p_limit offset p_offset;
end $$;

-- How many entries callers who have not signed in have added to a tenant's log in the hour that began then.
create table stranger_window (
  tenant_id uuid primary key references tenant (id) on delete cascade,
  began_at timestamptz not null,
  recorded bigint not null
) with (fillfactor = 50);

alter table stranger_window enable row level security;
alter table stranger_window force row level security;
create policy tenant_only on stranger_window using (tenant_id = app_tenant());

-- Records a failed sign-in, up to p_limit of them in an hour; the first one beyond is recorded as the end of the record.
create function record_failed_sign_in(p_tenant uuid, p_id uuid, p_actor text, p_details jsonb, p_limit bigint)
returns void language plpgsql as $$
declare
  w stranger_window;
begin
  insert into stranger_window as s (tenant_id, began_at, recorded) values (p_tenant, now(), 1)
  on conflict (tenant_id) do update set
    began_at = case when s.began_at <= now() - interval '1 hour' then now() else s.began_at end,
    recorded = case when s.began_at <= now() - interval '1 hour' then 1 else s.recorded + 1 end
  returning * into w;
  if w.recorded <= p_limit then
    insert into audit (tenant_id, id, actor, action, details)
    values (p_tenant, p_id, p_actor, 'sign_in.failure', p_details);
  elsif w.recorded = p_limit + 1 then
    insert into audit (tenant_id, id, actor, action, details)
    values (p_tenant, p_id, 'univera', 'sign_in.unrecorded',
      jsonb_build_object('limit', p_limit, 'until', w.began_at + interval '1 hour'));
  end if;
end $$;

-- Entries that are past their retention, of every tenant. Only the function below, which runs as the owner, may delete.
create index audit_age on audit using brin (created_at);
create policy sweep_sees on audit for select using (current_setting('app.sweeps_audit', true) = 'on');
create policy sweep_deletes on audit for delete using (current_setting('app.sweeps_audit', true) = 'on');

-- Deletes some entries made before a moment at least a day ago, and those of sign-ins that name no tenant after a day; how
-- many it was, null while another process does it.
create function sweep_audit(p_before timestamptz, p_limit bigint) returns bigint
language plpgsql security definer set search_path from current as $$
declare
  day_ago constant timestamptz := now() - interval '1 day';
  swept bigint;
begin
  if not pg_try_advisory_xact_lock(-8431905520162) then return null; end if;
  perform set_config('app.sweeps_audit', 'on', true);
  delete from audit where (tenant_id, id) in (
    select a.tenant_id, a.id from audit a
    where a.created_at < least(p_before, day_ago)
      or (a.tenant_id = '00000000-0000-0000-0000-000000000000' and a.created_at < day_ago)
    limit p_limit);
  get diagnostics swept = row_count;
  perform set_config('app.sweeps_audit', '', true);
  return swept;
end $$;
