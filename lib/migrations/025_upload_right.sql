-- Whether a role may upload files, where a tenant has said something else than Univera's default: true for the built-in roles
-- of people, false for any other. Roles that exist keep the right that all signed-in callers had.
create table upload_right (
  tenant_id uuid not null references tenant (id) on delete cascade,
  role text not null,
  allowed boolean not null,
  primary key (tenant_id, role)
);

alter table role no force row level security;
insert into upload_right (tenant_id, role, allowed) select tenant_id, name, true from role;
alter table role force row level security;

alter table upload_right enable row level security;
alter table upload_right force row level security;
create policy tenant_only on upload_right using (tenant_id = app_tenant());

-- As before; a tenant whose visitors may upload is open to them as well.
create or replace function tenant_open_to_anonymous(p_tenant text, p_entity text) returns setof tenant
language plpgsql as $$
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
      and (p.definition->'read' <> 'false' or (p_entity is not null and p.definition->'create' <> 'false')))
    or exists (
      select from upload_right u
      where u.tenant_id = found_id and u.role = 'anonymous' and u.allowed and p_entity is null);
  return query select * from tenant where id = found_id and is_open;
end $$;
