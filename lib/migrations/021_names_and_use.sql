-- User names are the same name in any case. Names that differ in nothing else and exist stay; there are no new ones.
alter table account add column username_folded text generated always as (lower(username)) stored;
create index account_username_folded on account (tenant_id, username_folded);

create policy names_of_all on account for select using (current_setting('app.lists_names', true) = 'on');

-- The names of each tenant that are the same but for case.
create function same_names() returns table (tenant text, usernames text[]) language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  perform set_config('app.lists_names', 'on', true);
  return query
    select t.name, array_agg(a.username order by a.username) from account a join tenant t on t.id = a.tenant_id
    where t.deleted_at is null
    group by t.id, t.name, a.username_folded having count(*) > 1 order by t.name;
end $$;

-- What a tenant has, counted, whether or not a quota limits it. Leads the transaction into it.
create function count_tenant(p_tenant uuid) returns table (records bigint, files bigint, file_bytes bigint)
language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  return query
    select (select count(*) from record where tenant_id = p_tenant and entity_id <> 0), count(*),
      coalesce(sum((r.data ->> 'size')::bigint), 0)::bigint
    from record r where r.tenant_id = p_tenant and r.entity_id = 0;
end $$;
