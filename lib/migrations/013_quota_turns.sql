-- As before, and without waiting in a circle: a writer that has waited for its own part and finds it too small by then
-- holds that part's lock. It gives it back before it asks for all of them, which are locked in order.
create or replace function settle_quota(p_tenant uuid, p_quota text, p_count bigint) returns void language plpgsql as $$
declare
  parts constant int := 16;
  total bigint;
begin
  if p_count = 0 then return; end if;
  begin
    -- A part is below zero when the tenant had more than its quota from the start: then all parts count together.
    update quota_part set free = free - p_count
    where tenant_id = p_tenant and quota = p_quota and part = pg_backend_pid() % parts
      and (p_count < 0 or free >= p_count and not exists (
        select from quota_part d where d.tenant_id = p_tenant and d.quota = p_quota and d.free < 0));
    if found then return; end if;
    raise exception 'too small' using errcode = 'UV004';
  exception when sqlstate 'UV004' then
    -- The locks of the block are given back.
  end;
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
