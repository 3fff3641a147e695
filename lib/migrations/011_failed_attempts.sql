-- Failed sign-ins of the present minute, counted for all processes together. It belongs to no tenant, and says nothing of
-- any: who failed is a hash.
create table failed_attempt (
  key bytea primary key,
  failures int not null,
  ends_at timestamptz not null
);

alter table failed_attempt enable row level security;
alter table failed_attempt force row level security;
create policy platform_only on failed_attempt using (current_setting('app.platform', true) = 'on');

-- Those of the keys that have failed, by their places in the list, and the milliseconds that their minute still has.
create function read_failures(p_keys bytea[]) returns table (place bigint, failed int, remaining float8)
language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    select k.place, f.failures, extract(epoch from f.ends_at - clock_timestamp())::float8 * 1000
    from unnest(p_keys) with ordinality as k(key, place) join failed_attempt f on f.key = k.key
    where f.ends_at > clock_timestamp();
end $$;

-- Adds a failure to each; a minute begins with its first.
create function add_failures(p_keys bytea[]) returns table (place bigint, failed int, remaining float8)
language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  -- In one order, so that two who add never wait for each other in a circle.
  insert into failed_attempt as f (key, failures, ends_at)
  select distinct k.key, 1, clock_timestamp() + interval '1 minute' from unnest(p_keys) as k(key) order by k.key
  on conflict (key) do update set
    failures = case when f.ends_at <= clock_timestamp() then 1 else f.failures + 1 end,
    ends_at = case when f.ends_at <= clock_timestamp() then excluded.ends_at else f.ends_at end;
  -- Now and then somebody sweeps.
  if random() < 0.02 then
    delete from failed_attempt where key = any(array(
      select f.key from failed_attempt f where f.ends_at < clock_timestamp() limit 1000 for update skip locked));
  end if;
  return query select * from read_failures(p_keys);
end $$;
