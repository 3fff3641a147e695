-- The tenant of that name, if it works and has opened the entity (null: any that is read) to callers without a token.
-- Whatever the reason why it has not, the same is looked up: who asks cannot tell a closed tenant from none.
create function tenant_open_to_anonymous(p_tenant text, p_entity text) returns setof tenant language plpgsql as $$
declare
  found_id uuid;
  is_open boolean;
begin
  perform set_config('app.tenant_name', p_tenant, true);
  select id into found_id from tenant where name = p_tenant and active and deleted_at is null;
  found_id := coalesce(found_id, '00000000-0000-0000-0000-000000000000');
  perform set_config('app.tenant_id', found_id::text, true);
  is_open := exists (
    select from permission p join entity e on e.tenant_id = p.tenant_id and e.id = p.entity_id
    where p.tenant_id = found_id and p.role = 'anonymous' and (p_entity is null or e.name = p_entity)
      and (p.definition->'read' <> 'false' or (p_entity is not null and p.definition->'create' <> 'false')));
  return query select * from tenant where id = found_id and is_open;
end $$;
