-- What a role may do with an entity, where a tenant has said something else than the default; and the roles it has named.
create table permission (
  tenant_id uuid not null,
  entity_id bigint not null,
  role text not null,
  definition jsonb not null,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, role, entity_id),
  foreign key (tenant_id, entity_id) references entity (tenant_id, id) on delete cascade
);

create table role (
  tenant_id uuid not null references tenant (id) on delete cascade,
  name text not null,
  description text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, name)
);

do $$
declare t text;
begin
  foreach t in array array['permission', 'role'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant_only on %I using (tenant_id = app_tenant())', t);
  end loop;
end $$;
