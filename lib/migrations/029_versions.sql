-- Every version of an entity's definition, written by the change that made it: for lists, differences and the way back.
-- The definition as stored, with the keys of its fields; the name that the entity had.
create table entity_version (
  tenant_id uuid not null,
  entity_id bigint not null,
  version int not null,
  name text not null,
  definition jsonb not null,
  -- What changed, in words.
  summary jsonb not null default '[]',
  created_at timestamptz not null default now(),
  created_by uuid,
  -- The name of who made it at that time; null: the server itself, or a version from before this table.
  author text,
  primary key (tenant_id, entity_id, version),
  foreign key (tenant_id, entity_id) references entity (tenant_id, id) on delete cascade
);

-- The owner of the tables is held by their policies, too.
alter table entity no force row level security;
insert into entity_version (tenant_id, entity_id, version, name, definition, created_at)
  select tenant_id, id, version, name, definition, updated_at from entity;
alter table entity force row level security;

alter table entity_version enable row level security;
alter table entity_version force row level security;
create policy tenant_only on entity_version using (tenant_id = app_tenant());

-- Former names of fields (key: the field's) and entities (key: empty), which requests may use until they end. Those of
-- fields are in the definition, too; here is when each was last used.
create table name_alias (
  tenant_id uuid not null,
  entity_id bigint not null,
  key text not null default '',
  name text not null,
  since timestamptz not null,
  until timestamptz not null,
  last_used_at timestamptz,
  primary key (tenant_id, entity_id, key, name),
  foreign key (tenant_id, entity_id) references entity (tenant_id, id) on delete cascade
);
create unique index name_alias_entity on name_alias (tenant_id, name) where key = '';
create index name_alias_until on name_alias (until);

alter table name_alias enable row level security;
alter table name_alias force row level security;
create policy tenant_or_platform on name_alias
  using (tenant_id = app_tenant() or current_setting('app.platform', true) = 'on');

-- The tenants that have former names whose time is over.
create function tenants_of_ended_aliases(p_now timestamptz) returns setof uuid language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query select distinct a.tenant_id from name_alias a where a.until <= p_now;
end $$;
