-- What happened in a tenant and who did it: written in the transaction of the change itself, never changed afterwards.
create table audit (
  tenant_id uuid not null references tenant (id) on delete cascade,
  id uuid not null,
  created_at timestamptz not null default now(),
  -- Null when nobody is known to have done it: a failed sign-in.
  actor_id uuid,
  actor text not null,
  action text not null,
  target text,
  details jsonb not null default '{}',
  primary key (tenant_id, id)
);

alter table audit enable row level security;
alter table audit force row level security;
-- Nothing lets a row be changed or deleted.
create policy tenant_reads on audit for select using (tenant_id = app_tenant());
create policy tenant_adds on audit for insert with check (tenant_id = app_tenant());
