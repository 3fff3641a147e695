-- API keys: of a tenant and a role, known by the hash of their secret alone.
create table api_key (
  tenant_id uuid not null references tenant (id) on delete cascade,
  id uuid not null,
  name text not null,
  role text not null check (role <> 'operator'),
  token_hash bytea not null,
  created_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  -- Not to the second: written at most once a minute.
  last_used_at timestamptz,
  primary key (tenant_id, id)
);

alter table api_key enable row level security;
alter table api_key force row level security;
create policy tenant_only on api_key using (tenant_id = app_tenant());
