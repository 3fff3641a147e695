-- What a role may do with the entities for which no permission of it is stored, where a tenant has said something else than
-- Univera's default: none, read or contribute.
create table role_default (
  tenant_id uuid not null references tenant (id) on delete cascade,
  role text not null,
  access text not null,
  primary key (tenant_id, role)
);

alter table role_default enable row level security;
alter table role_default force row level security;
create policy tenant_only on role_default using (tenant_id = app_tenant());
