-- The schema as it stands after all migrations: `npm run docs` writes this file from the catalog of a migrated database.
-- The reasons are in the comments of lib/migrations/. Every table but `migration`, for which the role univera_app has no
-- privileges, has row-level security, forced.

create function app_tenant() returns uuid language sql stable parallel safe as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;

create sequence change_seq;

create table change (
  tenant_id uuid not null,
  entity_id bigint not null,
  id uuid not null,
  version integer not null,
  op "char" not null,
  was jsonb,
  was_at timestamp with time zone,
  was_by uuid,
  made_at timestamp with time zone,
  made_by uuid,
  schema integer not null,
  actor uuid,
  at timestamp with time zone not null default now(),
  kept "char" not null,
  tx bigint not null default ((pg_current_xact_id())::text)::bigint,
  seq bigint not null default nextval('change_seq'::regclass),
  constraint change_pkey primary key (tenant_id, entity_id, id, seq)
);
create index change_deleted on change using btree (tenant_id, entity_id, seq) where (op = 'd'::"char");
create index change_tx on change using btree (tx, tenant_id, entity_id, seq);
alter table change enable row level security;
alter table change force row level security;
create policy tenant_or_platform on change using ((tenant_id = app_tenant()) or (current_setting('app.platform'::text, true) = 'on'::text));
grant select, insert, update, delete on change to univera_app;

create table change_sweep (
  kept "char" not null,
  tx bigint not null,
  tenant_id uuid not null,
  entity_id bigint not null,
  seq bigint not null,
  constraint change_sweep_pkey primary key (kept)
);
alter table change_sweep enable row level security;
alter table change_sweep force row level security;
create policy platform_only on change_sweep using (current_setting('app.platform'::text, true) = 'on'::text);
grant select, insert, update, delete on change_sweep to univera_app;

create table directory (
  name text not null,
  tenant_id uuid not null,
  constraint directory_pkey primary key (name)
);
alter table directory enable row level security;
alter table directory force row level security;
create policy named_only on directory using ((tenant_id = app_tenant()) or (name = nullif(current_setting('app.tenant_name'::text, true), ''::text)) or (current_setting('app.platform'::text, true) = 'on'::text));
grant select, insert, update, delete on directory to univera_app;

create table failed_attempt (
  key bytea not null,
  failures integer not null,
  ends_at timestamp with time zone not null,
  tenant_id uuid not null default '00000000-0000-0000-0000-000000000000'::uuid,
  constraint failed_attempt_pkey primary key (tenant_id, key)
);
alter table failed_attempt enable row level security;
alter table failed_attempt force row level security;
create policy platform_only on failed_attempt using (current_setting('app.platform'::text, true) = 'on'::text);
grant select, insert, update, delete on failed_attempt to univera_app;

create table migration (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null default now(),
  constraint migration_pkey primary key (name)
);

create table record (
  tenant_id uuid not null,
  entity_id bigint not null,
  id uuid not null,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone,
  created_by uuid,
  updated_by uuid,
  data jsonb not null,
  keys jsonb not null default '{}'::jsonb,
  k1 text collate "C",
  k2 text collate "C",
  k3 text collate "C",
  k4 text collate "C",
  k5 text collate "C",
  k6 text collate "C",
  k7 text collate "C",
  k8 text collate "C",
  k9 text collate "C",
  k10 text collate "C",
  k11 text collate "C",
  k12 text collate "C",
  u1 text collate "C",
  u2 text collate "C",
  u3 text collate "C",
  u4 text collate "C",
  constraint record_pkey primary key (tenant_id, entity_id, id)
) with (fillfactor=90);
create index record_created_by on record using btree (tenant_id, entity_id, created_by, id) where (created_by is not null);
create index record_k1 on record using btree (tenant_id, entity_id, k1, id) where (k1 is not null);
create index record_k2 on record using btree (tenant_id, entity_id, k2, id) where (k2 is not null);
create index record_k3 on record using btree (tenant_id, entity_id, k3, id) where (k3 is not null);
create index record_k4 on record using btree (tenant_id, entity_id, k4, id) where (k4 is not null);
create index record_k5 on record using btree (tenant_id, entity_id, k5, id) where (k5 is not null);
create index record_k6 on record using btree (tenant_id, entity_id, k6, id) where (k6 is not null);
create index record_k7 on record using btree (tenant_id, entity_id, k7, id) where (k7 is not null);
create index record_k8 on record using btree (tenant_id, entity_id, k8, id) where (k8 is not null);
create index record_k9 on record using btree (tenant_id, entity_id, k9, id) where (k9 is not null);
create index record_k10 on record using btree (tenant_id, entity_id, k10, id) where (k10 is not null);
create index record_k11 on record using btree (tenant_id, entity_id, k11, id) where (k11 is not null);
create index record_k12 on record using btree (tenant_id, entity_id, k12, id) where (k12 is not null);
create unique index record_u1 on record using btree (tenant_id, entity_id, u1) where (u1 is not null);
create unique index record_u2 on record using btree (tenant_id, entity_id, u2) where (u2 is not null);
create unique index record_u3 on record using btree (tenant_id, entity_id, u3) where (u3 is not null);
create unique index record_u4 on record using btree (tenant_id, entity_id, u4) where (u4 is not null);
create statistics record_owner on tenant_id, entity_id from record;
alter table record enable row level security;
alter table record force row level security;
create policy tenant_only on record using (tenant_id = app_tenant());
grant select, insert, update, delete on record to univera_app;

create table link (
  tenant_id uuid not null,
  from_entity bigint not null,
  from_id uuid not null,
  field text not null,
  to_entity bigint not null,
  to_id uuid not null,
  constraint link_pkey primary key (tenant_id, from_entity, from_id, field, to_id),
  constraint link_target foreign key (tenant_id, to_entity, to_id) references record(tenant_id, entity_id, id),
  constraint link_tenant_id_from_entity_from_id_fkey foreign key (tenant_id, from_entity, from_id) references record(tenant_id, entity_id, id) on delete cascade
);
create index link_to on link using btree (tenant_id, to_entity, to_id);
alter table link enable row level security;
alter table link force row level security;
create policy tenant_only on link using (tenant_id = app_tenant());
grant select, insert, update, delete on link to univera_app;

create table tenant (
  id uuid not null,
  name text not null,
  active boolean not null default true,
  epoch bigint not null default 1,
  created_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone,
  quotas jsonb not null default '{}'::jsonb,
  constraint tenant_pkey primary key (id)
);
create unique index tenant_name on tenant using btree (name) where (deleted_at is null);
alter table tenant enable row level security;
alter table tenant force row level security;
create policy tenant_self on tenant using ((id = app_tenant()) or (name = nullif(current_setting('app.tenant_name'::text, true), ''::text)) or (current_setting('app.platform'::text, true) = 'on'::text));
grant select, insert, update, delete on tenant to univera_app;

create table account (
  tenant_id uuid not null,
  id uuid not null,
  username text not null,
  password_hash text not null,
  role text not null,
  active boolean not null default true,
  token_version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  username_folded text generated always as (lower(username)) stored,
  username_key text,
  constraint account_pkey primary key (tenant_id, id),
  constraint account_tenant_id_username_key unique (tenant_id, username),
  constraint account_tenant_id_fkey foreign key (tenant_id) references tenant(id) on delete cascade
);
create index account_username_folded on account using btree (tenant_id, username_folded);
create index account_username_key on account using btree (tenant_id, username_key);
create index account_without_key on account using btree (tenant_id, id) where (username_key is null);
alter table account enable row level security;
alter table account force row level security;
create policy keys_of_all on account for update using (current_setting('app.lists_names'::text, true) = 'on'::text);
create policy names_of_all on account for select using (current_setting('app.lists_names'::text, true) = 'on'::text);
create policy tenant_only on account using (tenant_id = app_tenant());
grant select, insert, update, delete on account to univera_app;

create table api_key (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  role text not null,
  token_hash bytea not null,
  created_by uuid,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint api_key_pkey primary key (tenant_id, id),
  constraint api_key_role_check check ((role <> 'operator'::text)),
  constraint api_key_tenant_id_fkey foreign key (tenant_id) references tenant(id) on delete cascade
);
alter table api_key enable row level security;
alter table api_key force row level security;
create policy tenant_only on api_key using (tenant_id = app_tenant());
grant select, insert, update, delete on api_key to univera_app;

create table audit (
  tenant_id uuid not null,
  id uuid not null,
  created_at timestamp with time zone not null default now(),
  actor_id uuid,
  actor text not null,
  action text not null,
  target text,
  details jsonb not null default '{}'::jsonb,
  constraint audit_pkey primary key (tenant_id, id),
  constraint audit_tenant_id_fkey foreign key (tenant_id) references tenant(id) on delete cascade
);
create index audit_age on audit using brin (created_at);
alter table audit enable row level security;
alter table audit force row level security;
create policy sweep_deletes on audit for delete using (current_setting('app.sweeps_audit'::text, true) = 'on'::text);
create policy sweep_sees on audit for select using (current_setting('app.sweeps_audit'::text, true) = 'on'::text);
create policy tenant_adds on audit for insert with check (tenant_id = app_tenant());
create policy tenant_reads on audit for select using (tenant_id = app_tenant());
grant select, insert on audit to univera_app;

create sequence entity_id_seq;
create table entity (
  tenant_id uuid not null,
  id bigint not null default nextval('entity_id_seq'::regclass),
  name text not null,
  version integer not null default 1,
  definition jsonb not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone,
  constraint entity_pkey primary key (tenant_id, id),
  constraint entity_tenant_id_fkey foreign key (tenant_id) references tenant(id) on delete cascade
);
alter sequence entity_id_seq owned by entity.id;
create unique index entity_name on entity using btree (tenant_id, name) where (deleted_at is null);
alter table entity enable row level security;
alter table entity force row level security;
create policy tenant_only on entity using (tenant_id = app_tenant());
grant select, insert, update, delete on entity to univera_app;
grant select, usage on sequence entity_id_seq to univera_app;

create table conversion (
  tenant_id uuid not null,
  entity_id bigint not null,
  plan_id text not null,
  change jsonb not null,
  after_id uuid not null default '00000000-0000-0000-0000-000000000000'::uuid,
  upto_id uuid,
  done bigint not null default 0,
  total bigint,
  begun_at timestamp with time zone not null default now(),
  due_at timestamp with time zone not null default now(),
  worker uuid,
  worked_at timestamp with time zone,
  resting boolean not null default false,
  constraint conversion_pkey primary key (tenant_id, entity_id),
  constraint conversion_tenant_id_entity_id_fkey foreign key (tenant_id, entity_id) references entity(tenant_id, id) on delete cascade
);
alter table conversion enable row level security;
alter table conversion force row level security;
create policy tenant_or_platform on conversion using ((tenant_id = app_tenant()) or (current_setting('app.platform'::text, true) = 'on'::text));
grant select, insert, update, delete on conversion to univera_app;

create table entity_deletion (
  tenant_id uuid not null,
  entity_id bigint not null,
  due_at timestamp with time zone not null,
  former_names jsonb not null default '[]'::jsonb,
  after_id uuid not null default '00000000-0000-0000-0000-000000000000'::uuid,
  worker uuid,
  worked_at timestamp with time zone,
  constraint entity_deletion_pkey primary key (tenant_id, entity_id),
  constraint entity_deletion_tenant_id_entity_id_fkey foreign key (tenant_id, entity_id) references entity(tenant_id, id) on delete cascade
);
create index entity_deletion_due on entity_deletion using btree (due_at);
alter table entity_deletion enable row level security;
alter table entity_deletion force row level security;
create policy tenant_or_platform on entity_deletion using ((tenant_id = app_tenant()) or (current_setting('app.platform'::text, true) = 'on'::text));
grant select, insert, update, delete on entity_deletion to univera_app;

create table entity_version (
  tenant_id uuid not null,
  entity_id bigint not null,
  version integer not null,
  name text not null,
  definition jsonb not null,
  summary jsonb not null default '[]'::jsonb,
  created_at timestamp with time zone not null default now(),
  created_by uuid,
  author text,
  plan text,
  constraint entity_version_pkey primary key (tenant_id, entity_id, version),
  constraint entity_version_tenant_id_entity_id_fkey foreign key (tenant_id, entity_id) references entity(tenant_id, id) on delete cascade
);
alter table entity_version enable row level security;
alter table entity_version force row level security;
create policy tenant_only on entity_version using (tenant_id = app_tenant());
grant select, insert, update, delete on entity_version to univera_app;

create table field_purge (
  tenant_id uuid not null,
  entity_id bigint not null,
  keys text[] not null,
  after_id uuid not null default '00000000-0000-0000-0000-000000000000'::uuid,
  worker uuid,
  worked_at timestamp with time zone,
  constraint field_purge_pkey primary key (tenant_id, entity_id),
  constraint field_purge_tenant_id_entity_id_fkey foreign key (tenant_id, entity_id) references entity(tenant_id, id) on delete cascade
);
alter table field_purge enable row level security;
alter table field_purge force row level security;
create policy tenant_or_platform on field_purge using ((tenant_id = app_tenant()) or (current_setting('app.platform'::text, true) = 'on'::text));
grant select, insert, update, delete on field_purge to univera_app;

create table key_fill (
  tenant_id uuid not null,
  entity_id bigint not null,
  after_id uuid not null default '00000000-0000-0000-0000-000000000000'::uuid,
  again boolean not null default false,
  due_at timestamp with time zone not null default now(),
  worker uuid,
  worked_at timestamp with time zone,
  constraint key_fill_pkey primary key (tenant_id, entity_id),
  constraint key_fill_tenant_id_entity_id_fkey foreign key (tenant_id, entity_id) references entity(tenant_id, id) on delete cascade
);
alter table key_fill enable row level security;
alter table key_fill force row level security;
create policy tenant_or_platform on key_fill using ((tenant_id = app_tenant()) or (current_setting('app.platform'::text, true) = 'on'::text));
grant select, insert, update, delete on key_fill to univera_app;

create table logged_entity (
  tenant_id uuid not null,
  entity_id bigint not null,
  since timestamp with time zone not null default clock_timestamp(),
  constraint logged_entity_pkey primary key (tenant_id, entity_id),
  constraint logged_entity_tenant_id_entity_id_fkey foreign key (tenant_id, entity_id) references entity(tenant_id, id) on delete cascade
);
alter table logged_entity enable row level security;
alter table logged_entity force row level security;
create policy tenant_or_platform on logged_entity using ((tenant_id = app_tenant()) or (current_setting('app.platform'::text, true) = 'on'::text));
grant select, insert, update, delete on logged_entity to univera_app;

create table misfit (
  tenant_id uuid not null,
  entity_id bigint not null,
  key text not null,
  id uuid not null,
  reason text not null,
  checked boolean not null default false,
  constraint misfit_pkey primary key (tenant_id, entity_id, key, id),
  constraint misfit_tenant_id_entity_id_fkey foreign key (tenant_id, entity_id) references entity(tenant_id, id) on delete cascade
);
create index misfit_unchecked on misfit using btree (tenant_id, entity_id, key, id) where (not checked);
alter table misfit enable row level security;
alter table misfit force row level security;
create policy tenant_only on misfit using (tenant_id = app_tenant());
grant select, insert, update, delete on misfit to univera_app;

create table name_alias (
  tenant_id uuid not null,
  entity_id bigint not null,
  key text not null default ''::text,
  name text not null,
  since timestamp with time zone not null,
  until timestamp with time zone not null,
  last_used_at timestamp with time zone,
  constraint name_alias_pkey primary key (tenant_id, entity_id, key, name),
  constraint name_alias_tenant_id_entity_id_fkey foreign key (tenant_id, entity_id) references entity(tenant_id, id) on delete cascade
);
create unique index name_alias_entity on name_alias using btree (tenant_id, name) where (key = ''::text);
create index name_alias_until on name_alias using btree (until);
alter table name_alias enable row level security;
alter table name_alias force row level security;
create policy tenant_or_platform on name_alias using ((tenant_id = app_tenant()) or (current_setting('app.platform'::text, true) = 'on'::text));
grant select, insert, update, delete on name_alias to univera_app;

create table permission (
  tenant_id uuid not null,
  entity_id bigint not null,
  role text not null,
  definition jsonb not null,
  updated_at timestamp with time zone not null default now(),
  constraint permission_pkey primary key (tenant_id, role, entity_id),
  constraint permission_tenant_id_entity_id_fkey foreign key (tenant_id, entity_id) references entity(tenant_id, id) on delete cascade
);
alter table permission enable row level security;
alter table permission force row level security;
create policy tenant_only on permission using (tenant_id = app_tenant());
grant select, insert, update, delete on permission to univera_app;

create table plan (
  tenant_id uuid not null,
  entity_id bigint not null,
  id text not null,
  kind text not null,
  state text not null,
  base_version integer not null,
  seal jsonb not null default '{}'::jsonb,
  hash text,
  report jsonb not null default '{}'::jsonb,
  progress jsonb,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null default (now() + '24:00:00'::interval),
  worked_at timestamp with time zone not null default now(),
  created_by uuid,
  author text,
  constraint plan_pkey primary key (tenant_id, entity_id, id),
  constraint plan_kind_check check ((kind = any (array['change'::text, 'rollback'::text, 'purge'::text]))),
  constraint plan_state_check check ((state = any (array['checking'::text, 'planned'::text, 'filling'::text, 'blocked'::text, 'applied'::text, 'failed'::text, 'cancelled'::text]))),
  constraint plan_tenant_id_entity_id_fkey foreign key (tenant_id, entity_id) references entity(tenant_id, id) on delete cascade
);
create unique index plan_running on plan using btree (tenant_id, entity_id) where (state = any (array['filling'::text, 'blocked'::text]));
alter table plan enable row level security;
alter table plan force row level security;
create policy tenant_or_platform on plan using ((tenant_id = app_tenant()) or (current_setting('app.platform'::text, true) = 'on'::text));
grant select, insert, update, delete on plan to univera_app;

create table quota_part (
  tenant_id uuid not null,
  quota text not null,
  part smallint not null,
  free bigint not null,
  constraint quota_part_pkey primary key (tenant_id, quota, part),
  constraint quota_part_tenant_id_fkey foreign key (tenant_id) references tenant(id) on delete cascade
) with (fillfactor=50);
alter table quota_part enable row level security;
alter table quota_part force row level security;
create policy tenant_only on quota_part using (tenant_id = app_tenant());
grant select, insert, update, delete on quota_part to univera_app;

create table refresh_token (
  tenant_id uuid not null,
  id uuid not null,
  family uuid not null,
  account_id uuid not null,
  token_hash bytea not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  successor uuid,
  successor_salt bytea,
  constraint refresh_token_pkey primary key (tenant_id, id),
  constraint refresh_token_tenant_id_account_id_fkey foreign key (tenant_id, account_id) references account(tenant_id, id) on delete cascade
);
create index refresh_token_account on refresh_token using btree (tenant_id, account_id);
create index refresh_token_family on refresh_token using btree (tenant_id, family);
alter table refresh_token enable row level security;
alter table refresh_token force row level security;
create policy tenant_only on refresh_token using (tenant_id = app_tenant());
grant select, insert, update, delete on refresh_token to univera_app;

create table request_window (
  tenant_id uuid not null,
  began_at timestamp with time zone not null,
  granted bigint not null,
  constraint request_window_pkey primary key (tenant_id),
  constraint request_window_tenant_id_fkey foreign key (tenant_id) references tenant(id) on delete cascade
) with (fillfactor=50);
alter table request_window enable row level security;
alter table request_window force row level security;
create policy tenant_only on request_window using (tenant_id = app_tenant());
grant select, insert, update, delete on request_window to univera_app;

create table role (
  tenant_id uuid not null,
  name text not null,
  description text,
  created_at timestamp with time zone not null default now(),
  constraint role_pkey primary key (tenant_id, name),
  constraint role_tenant_id_fkey foreign key (tenant_id) references tenant(id) on delete cascade
);
alter table role enable row level security;
alter table role force row level security;
create policy tenant_only on role using (tenant_id = app_tenant());
grant select, insert, update, delete on role to univera_app;

create table role_default (
  tenant_id uuid not null,
  role text not null,
  access text not null,
  constraint role_default_pkey primary key (tenant_id, role),
  constraint role_default_tenant_id_fkey foreign key (tenant_id) references tenant(id) on delete cascade
);
alter table role_default enable row level security;
alter table role_default force row level security;
create policy tenant_only on role_default using (tenant_id = app_tenant());
grant select, insert, update, delete on role_default to univera_app;

create table slot_fill (
  tenant_id uuid not null,
  entity_id bigint not null,
  after_id uuid not null default '00000000-0000-0000-0000-000000000000'::uuid,
  worker uuid,
  worked_at timestamp with time zone,
  constraint slot_fill_pkey primary key (tenant_id, entity_id),
  constraint slot_fill_tenant_id_entity_id_fkey foreign key (tenant_id, entity_id) references entity(tenant_id, id) on delete cascade
);
alter table slot_fill enable row level security;
alter table slot_fill force row level security;
create policy tenant_or_platform on slot_fill using ((tenant_id = app_tenant()) or (current_setting('app.platform'::text, true) = 'on'::text));
grant select, insert, update, delete on slot_fill to univera_app;

create table stranger_window (
  tenant_id uuid not null,
  began_at timestamp with time zone not null,
  recorded bigint not null,
  constraint stranger_window_pkey primary key (tenant_id),
  constraint stranger_window_tenant_id_fkey foreign key (tenant_id) references tenant(id) on delete cascade
) with (fillfactor=50);
alter table stranger_window enable row level security;
alter table stranger_window force row level security;
create policy tenant_only on stranger_window using (tenant_id = app_tenant());
grant select, insert, update, delete on stranger_window to univera_app;

create table tick (
  id bigint not null,
  snap pg_snapshot not null,
  seq bigint not null,
  at timestamp with time zone not null default clock_timestamp(),
  constraint tick_pkey primary key (id)
);
create index tick_at on tick using btree (at);
alter table tick enable row level security;
alter table tick force row level security;
create policy platform_only on tick using (current_setting('app.platform'::text, true) = 'on'::text);
grant select, insert, update, delete on tick to univera_app;

create table upload_right (
  tenant_id uuid not null,
  role text not null,
  allowed boolean not null,
  constraint upload_right_pkey primary key (tenant_id, role),
  constraint upload_right_tenant_id_fkey foreign key (tenant_id) references tenant(id) on delete cascade
);
alter table upload_right enable row level security;
alter table upload_right force row level security;
create policy tenant_only on upload_right using (tenant_id = app_tenant());
grant select, insert, update, delete on upload_right to univera_app;

create function add_failures(p_keys bytea[]) returns table(place bigint, failed integer, remaining double precision) language plpgsql as $$
begin
  return query select * from add_failures('00000000-0000-0000-0000-000000000000', p_keys);
end $$;

create function add_failures(p_tenant uuid, p_keys bytea[]) returns table(place bigint, failed integer, remaining double precision) language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  insert into failed_attempt as f (tenant_id, key, failures, ends_at)
  select distinct p_tenant, k.key, 1, clock_timestamp() + interval '1 minute' from unnest(p_keys) as k(key) order by k.key
  on conflict (tenant_id, key) do update set
    failures = case when f.ends_at <= clock_timestamp() then 1 else f.failures + 1 end,
    ends_at = case when f.ends_at <= clock_timestamp() then excluded.ends_at else f.ends_at end;
  if random() < 0.02 then
    delete from failed_attempt where tenant_id = p_tenant and key = any(array(
      select f.key from failed_attempt f where f.tenant_id = p_tenant and f.ends_at < clock_timestamp()
      limit 1000 for update skip locked));
  end if;
  return query select * from read_failures(p_tenant, p_keys);
end $$;

create function admit_change(p_tenant uuid, p_epoch bigint) returns boolean language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  update tenant set epoch = epoch + 1 where id = p_tenant and epoch = p_epoch;
  if found then return true; end if;
  perform set_config('app.tenant_id', '', true);
  return false;
end $$;

create function admit_write(p_tenant uuid, p_epoch bigint, p_entities bigint[]) returns boolean language plpgsql as $$
declare e bigint;
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  perform pg_advisory_xact_lock_shared(uuid_hash(p_tenant), 0);
  foreach e in array p_entities loop
    perform pg_advisory_xact_lock_shared(e);
  end loop;
  if exists (select from tenant where id = p_tenant and epoch = p_epoch) then return true; end if;
  perform set_config('app.tenant_id', '', true);
  return false;
end $$;

create function claim_conversion(p_worker uuid) returns setof conversion language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    update conversion set worker = p_worker, worked_at = now()
    where (tenant_id, entity_id) = (
      select c.tenant_id, c.entity_id from conversion c
      where c.due_at <= now()
        and (c.worker is null or c.worker = p_worker or c.worked_at < now() - interval '30 seconds')
      order by c.worked_at nulls first, c.due_at
      limit 1 for update skip locked)
    returning conversion.*;
end $$;

create function claim_entity_purge(p_worker uuid) returns setof entity_deletion language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    update entity_deletion set worker = p_worker, worked_at = now()
    where (tenant_id, entity_id) = (
      select d.tenant_id, d.entity_id from entity_deletion d
      where d.due_at <= now()
        and (d.worker is null or d.worker = p_worker or d.worked_at < now() - interval '30 seconds')
      order by d.due_at
      limit 1 for update skip locked)
    returning entity_deletion.*;
end $$;

create function claim_field_purge(p_worker uuid) returns setof field_purge language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    update field_purge set worker = p_worker, worked_at = now()
    where (tenant_id, entity_id) = (
      select p.tenant_id, p.entity_id from field_purge p
      where p.worker is null or p.worker = p_worker or p.worked_at < now() - interval '30 seconds'
      order by p.worked_at nulls first
      limit 1 for update skip locked)
    returning field_purge.*;
end $$;

create function claim_key_fill(p_worker uuid) returns setof key_fill language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    update key_fill set worker = p_worker, worked_at = now()
    where (tenant_id, entity_id) = (
      select f.tenant_id, f.entity_id from key_fill f
      where f.due_at <= now()
        and (f.worker is null or f.worker = p_worker or f.worked_at < now() - interval '30 seconds')
      order by f.due_at, f.worked_at nulls first
      limit 1 for update skip locked)
    returning key_fill.*;
end $$;

create function claim_slot_fill(p_worker uuid) returns setof slot_fill language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    update slot_fill set worker = p_worker, worked_at = now()
    where (tenant_id, entity_id) = (
      select f.tenant_id, f.entity_id from slot_fill f
      where f.worker is null or f.worker = p_worker or f.worked_at < now() - interval '30 seconds'
      order by f.worked_at nulls first
      limit 1 for update skip locked)
    returning slot_fill.*;
end $$;

create function count_quota(p_tenant uuid, p_quota text, p_count bigint) returns void language plpgsql as $$
declare
  noted text := 'app.counted_' || p_quota;
begin
  if current_setting('app.settles_quotas', true) = 'on' then
    perform set_config(noted, (coalesce(nullif(current_setting(noted, true), ''), '0')::bigint + p_count)::text, true);
  else
    perform settle_quota(p_tenant, p_quota, p_count);
  end if;
end $$;

create function count_tenant(p_tenant uuid) returns table(records bigint, files bigint, file_bytes bigint) language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  return query
    select (select count(*) from record where tenant_id = p_tenant and entity_id <> 0), count(*),
      coalesce(sum((r.data ->> 'size')::bigint), 0)::bigint
    from record r where r.tenant_id = p_tenant and r.entity_id = 0;
end $$;

create function deleted_tenants() returns setof uuid language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query select id from tenant where deleted_at is not null order by deleted_at;
end $$;

create function enter_change(p_tenant uuid, p_epoch bigint) returns void language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  update tenant set epoch = epoch + 1 where id = p_tenant and epoch = p_epoch;
  if not found then
    raise exception 'stale epoch' using errcode = 'UV001';
  end if;
end $$;

create function enter_new_tenant(p_tenant uuid, p_name text) returns void language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  insert into tenant (id, name) values (p_tenant, p_name);
end $$;

create function enter_read(p_tenant uuid, p_epoch bigint) returns void language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  if not exists (select from tenant where id = p_tenant and epoch = p_epoch) then
    raise exception 'stale epoch' using errcode = 'UV001';
  end if;
end $$;

create function enter_read_planning(p_tenant uuid, p_epoch bigint) returns void language plpgsql as $$
begin
  perform set_config('plan_cache_mode', 'force_custom_plan', true);
  perform enter_read(p_tenant, p_epoch);
end $$;

create function enter_tenant_change(p_name text) returns setof tenant language plpgsql as $$
declare found_id uuid;
begin
  perform set_config('app.tenant_name', p_name, true);
  update tenant set epoch = epoch + 1 where name = p_name and deleted_at is null returning id into found_id;
  perform set_config('app.tenant_id', coalesce(found_id::text, ''), true);
  return query select * from tenant where id = found_id;
end $$;

create function enter_write(p_tenant uuid, p_epoch bigint, p_entities bigint[]) returns void language plpgsql as $$
declare e bigint;
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  perform pg_advisory_xact_lock_shared(uuid_hash(p_tenant), 0);
  foreach e in array p_entities loop
    perform pg_advisory_xact_lock_shared(e);
  end loop;
  if not exists (select from tenant where id = p_tenant and epoch = p_epoch) then
    raise exception 'stale epoch' using errcode = 'UV001';
  end if;
end $$;

create function fetch_batch(p_rows integer, p_bytes bigint) returns setof text language plpgsql as $$
declare
  batches refcursor := 'batches';
  line text;
  size bigint := 0;
begin
  for i in 1..p_rows loop
    fetch next from batches into line;
    exit when not found;
    return next line;
    size := size + octet_length(line);
    exit when size >= p_bytes;
  end loop;
end $$;

create function forget_foreign_ticks() returns void language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  if exists (select from change c where c.tx >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
    or exists (
      select from tick t
      where pg_snapshot_xmax(t.snap)::text::bigint > pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
  then
    update change c set tx = 0 where c.tx >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
    delete from tick;
    delete from change_sweep;
  end if;
end $$;

create function is_anything_logged() returns boolean language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return exists (select from logged_entity);
end $$;

create function list_tenants(p_limit bigint, p_offset bigint) returns setof tenant language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query select * from tenant where deleted_at is null and name <> ''
    order by name collate "C" limit p_limit offset p_offset;
end $$;

create function make_tick() returns setof tick language plpgsql as $$
declare last tick;
begin
  perform set_config('app.platform', 'on', true);
  select * into last from tick order by id desc limit 1;
  if last.id is null
    or exists (select from change c where c.tx >= pg_snapshot_xmax(last.snap)::text::bigint)
    or exists (
      select from pg_snapshot_xip(last.snap) x join change c on c.tx = x::text::bigint)
  then
    insert into tick (id, snap, seq)
    select coalesce(last.id, (random() * 2 ^ 50)::bigint) + 1, pg_current_snapshot(), s.last_value from change_seq s
    on conflict do nothing;
  end if;
  return query select t.* from tick t order by t.id desc limit 1;
end $$;

create function names_without_key(p_limit integer) returns table(tenant_id uuid, id uuid, username text) language plpgsql as $$
begin
  perform set_config('app.lists_names', 'on', true);
  return query select a.tenant_id, a.id, a.username from account a
    where a.username_key is null order by a.tenant_id, a.id limit p_limit;
end $$;

create function queue_lengths() returns table(queue text, waiting bigint) language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    select 'slot_fill', count(*) from slot_fill
    union all select 'key_fill', count(*) from key_fill
    union all select 'field_purge', count(*) from field_purge
    union all select 'entity_purge', count(*) from entity_deletion where due_at <= now();
end $$;

create function read_changes(p_from bigint, p_to bigint) returns table(tenant_id uuid, entity_id bigint, id uuid, version integer, op "char", seq bigint) language plpgsql as $$
declare
  a pg_snapshot;
  b pg_snapshot;
begin
  perform set_config('app.platform', 'on', true);
  select t.snap into strict a from tick t where t.id = p_from;
  select t.snap into strict b from tick t where t.id = p_to;
  return query
    select c.tenant_id, c.entity_id, c.id, c.version, c.op, c.seq from change c
    where c.tx >= pg_snapshot_xmax(a)::text::bigint and c.tx < pg_snapshot_xmax(b)::text::bigint
      and pg_visible_in_snapshot(c.tx::text::xid8, b)
    union all
    select c.tenant_id, c.entity_id, c.id, c.version, c.op, c.seq
    from pg_snapshot_xip(a) x join change c on c.tx = x::text::bigint
    where pg_visible_in_snapshot(x, b)
    order by 6;
end $$;

create function read_failures(p_keys bytea[]) returns table(place bigint, failed integer, remaining double precision) language plpgsql as $$
begin
  return query select * from read_failures('00000000-0000-0000-0000-000000000000', p_keys);
end $$;

create function read_failures(p_tenant uuid, p_keys bytea[]) returns table(place bigint, failed integer, remaining double precision) language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    select k.place, f.failures, extract(epoch from f.ends_at - clock_timestamp())::float8 * 1000
    from unnest(p_keys) with ordinality as k(key, place) join failed_attempt f on f.key = k.key
    where f.tenant_id = p_tenant and f.ends_at > clock_timestamp();
end $$;

create function record_failed_sign_in(p_tenant uuid, p_id uuid, p_actor text, p_details jsonb, p_limit bigint) returns void language plpgsql as $$
declare
  w stranger_window;
begin
  insert into stranger_window as s (tenant_id, began_at, recorded) values (p_tenant, now(), 1)
  on conflict (tenant_id) do update set
    began_at = case when s.began_at <= now() - interval '1 hour' then now() else s.began_at end,
    recorded = case when s.began_at <= now() - interval '1 hour' then 1 else s.recorded + 1 end
  returning * into w;
  if w.recorded <= p_limit then
    insert into audit (tenant_id, id, actor, action, details)
    values (p_tenant, p_id, p_actor, 'sign_in.failure', p_details);
  elsif w.recorded = p_limit + 1 then
    insert into audit (tenant_id, id, actor, action, details)
    values (p_tenant, p_id, 'univera', 'sign_in.unrecorded',
      jsonb_build_object('limit', p_limit, 'until', w.began_at + interval '1 hour'));
  end if;
end $$;

create function refuse_answer() returns text language plpgsql as $$
begin
  raise exception 'answer too large' using errcode = 'UV003';
end $$;

create function refuse_stale() returns boolean language plpgsql as $$
begin
  raise exception 'stale epoch' using errcode = 'UV001';
end $$;

create function same_names() returns table(tenant text, usernames text[]) language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  perform set_config('app.lists_names', 'on', true);
  return query
    select t.name, array_agg(a.username order by a.username) from account a join tenant t on t.id = a.tenant_id
    where t.deleted_at is null
    group by t.id, t.name, coalesce(a.username_key, a.username) having count(*) > 1 order by t.name;
end $$;

create function set_name_keys(p_tenants uuid[], p_ids uuid[], p_keys text[]) returns void language plpgsql as $$
begin
  perform set_config('app.lists_names', 'on', true);
  perform pg_advisory_xact_lock(30, 1);
  update account a set username_key = n.key
  from unnest(p_tenants, p_ids, p_keys) as n(tenant_id, id, key)
  where a.tenant_id = n.tenant_id and a.id = n.id and a.username_key is null;
end $$;

create function set_quotas(p_tenant uuid, p_quotas jsonb) returns void language plpgsql as $$
declare
  q text;
  used bigint;
begin
  perform pg_advisory_xact_lock(uuid_hash(p_tenant), 0);
  update tenant set quotas = p_quotas where id = p_tenant;
  delete from quota_part where tenant_id = p_tenant;
  foreach q in array array['file_bytes', 'records'] loop
    if p_quotas ? q then
      if q = 'records' then
        select count(*) into used from record where tenant_id = p_tenant and entity_id <> 0;
      else
        select coalesce(sum((data ->> 'size')::bigint), 0) into used
        from record where tenant_id = p_tenant and entity_id = 0;
      end if;
      insert into quota_part (tenant_id, quota, part, free)
      select p_tenant, q, n, case n when 0 then (p_quotas ->> q)::bigint - used else 0 end
      from generate_series(0, 15) as n;
    end if;
  end loop;
end $$;

create function settle_quota(p_tenant uuid, p_quota text, p_count bigint) returns void language plpgsql as $$
declare
  parts constant int := 16;
  total bigint;
begin
  if p_count = 0 then return; end if;
  begin
    update quota_part set free = free - p_count
    where tenant_id = p_tenant and quota = p_quota and part = pg_backend_pid() % parts
      and (p_count < 0 or free >= p_count and not exists (
        select from quota_part d where d.tenant_id = p_tenant and d.quota = p_quota and d.free < 0));
    if found then return; end if;
    raise exception 'too small' using errcode = 'UV004';
  exception when sqlstate 'UV004' then
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

create function settle_quotas(p_tenant uuid) returns void language plpgsql as $$
declare
  q text;
begin
  foreach q in array array['file_bytes', 'records'] loop
    perform settle_quota(p_tenant, q, coalesce(nullif(current_setting('app.counted_' || q, true), ''), '0')::bigint);
  end loop;
end $$;

create function sweep_audit(p_before timestamp with time zone, p_limit bigint) returns bigint language plpgsql security definer as $$
declare
  day_ago constant timestamptz := now() - interval '1 day';
  swept bigint;
begin
  if not pg_try_advisory_xact_lock(-8431905520162) then return null; end if;
  perform set_config('app.sweeps_audit', 'on', true);
  delete from audit where (tenant_id, id) in (
    select a.tenant_id, a.id from audit a
    where a.created_at < least(p_before, day_ago)
      or (a.tenant_id = '00000000-0000-0000-0000-000000000000' and a.created_at < day_ago)
    limit p_limit);
  get diagnostics swept = row_count;
  perform set_config('app.sweeps_audit', '', true);
  return swept;
end $$;

create function sweep_changes(p_kept "char", p_before timestamp with time zone, p_most integer) returns integer language plpgsql as $$
declare
  place change_sweep;
  reached change;
  passed int := 0;
begin
  perform set_config('app.platform', 'on', true);
  insert into change_sweep values (p_kept, -1, '00000000-0000-0000-0000-000000000000', 0, 0) on conflict do nothing;
  select * into place from change_sweep where kept = p_kept for update skip locked;
  if place.kept is null then
    return 0;
  end if;
  for reached in
    select * from change c
    where (c.tx, c.tenant_id, c.entity_id, c.seq) > (place.tx, place.tenant_id, place.entity_id, place.seq)
    order by c.tx, c.tenant_id, c.entity_id, c.seq limit p_most
  loop
    exit when reached.at >= p_before;
    passed := passed + 1;
    place.tx := reached.tx;
    place.tenant_id := reached.tenant_id;
    place.entity_id := reached.entity_id;
    place.seq := reached.seq;
    if reached.kept = p_kept then
      delete from change c
      where c.tenant_id = reached.tenant_id and c.entity_id = reached.entity_id and c.id = reached.id
        and c.seq = reached.seq;
    end if;
  end loop;
  update change_sweep s set tx = place.tx, tenant_id = place.tenant_id, entity_id = place.entity_id, seq = place.seq
  where s.kept = p_kept;
  return passed;
end $$;

create function sweep_ticks(p_before timestamp with time zone) returns void language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  delete from tick t where t.at < p_before and t.id < (select max(m.id) from tick m);
end $$;

create function take_requests(p_tenant uuid, p_waiting bigint, p_ahead bigint, p_limit bigint) returns table(taken bigint, seconds double precision) language plpgsql as $$
declare
  w request_window;
begin
  perform set_config('synchronous_commit', 'off', true);
  insert into request_window as r (tenant_id, began_at, granted) values (p_tenant, clock_timestamp(), 0)
  on conflict (tenant_id) do update set
    began_at = case when r.began_at <= clock_timestamp() - interval '1 minute' then clock_timestamp() else r.began_at end,
    granted = case when r.began_at <= clock_timestamp() - interval '1 minute' then 0 else r.granted end
  returning * into w;
  taken := greatest(0, least(p_limit - w.granted, greatest(p_waiting, least(p_ahead, (p_limit - w.granted) / 8))));
  update request_window set granted = granted + taken where tenant_id = p_tenant;
  seconds := 60 - extract(epoch from clock_timestamp() - w.began_at);
  return next;
end $$;

create function tenant_by_id(p_tenant uuid) returns setof tenant language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  return query select * from tenant where id = p_tenant;
end $$;

create function tenant_by_name(p_name text) returns setof tenant language plpgsql as $$
begin
  perform set_config('app.tenant_name', p_name, true);
  return query select * from tenant where name = p_name and deleted_at is null;
end $$;

create function tenant_for_sign_in(p_name text) returns setof tenant language plpgsql as $$
declare
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
begin
  perform set_config('app.tenant_name', p_name, true);
  perform set_config('app.tenant_id', nobody::text, true);
  return query
    select * from tenant where id = nobody or (name = p_name and active and deleted_at is null)
    order by id = nobody limit 1;
end $$;

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
    where p.tenant_id = found_id and p.role = 'anonymous' and e.deleted_at is null
      and (p_entity is null or e.name = p_entity)
      and (p.definition->'read' <> 'false' or (p_entity is not null and p.definition->'create' <> 'false')))
    or exists (
      select from upload_right u
      where u.tenant_id = found_id and u.role = 'anonymous' and u.allowed and p_entity is null);
  return query select * from tenant where id = found_id and is_open;
end $$;

create function tenant_usage(p_tenant uuid) returns table(entities bigint, fields bigint, records bigint, file_bytes bigint, requests bigint) language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, true);
  return query
    select
      (select count(*) from entity e where e.tenant_id = p_tenant and e.deleted_at is null),
      (select coalesce(sum(jsonb_array_length(e.definition -> 'fields')), 0)::bigint from entity e
        where e.tenant_id = p_tenant and e.deleted_at is null),
      (select (t.quotas ->> 'records')::bigint - sum(p.free)::bigint from quota_part p
        where p.tenant_id = p_tenant and p.quota = 'records'),
      (select (t.quotas ->> 'file_bytes')::bigint - sum(p.free)::bigint from quota_part p
        where p.tenant_id = p_tenant and p.quota = 'file_bytes'),
      case when t.quotas ? 'requests_per_minute' then coalesce(
        (select w.granted from request_window w
          where w.tenant_id = p_tenant and w.began_at > clock_timestamp() - interval '1 minute'), 0) end
    from tenant t where t.id = p_tenant;
end $$;

create function tenants_of_ended_aliases(p_now timestamp with time zone) returns setof uuid language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query select distinct a.tenant_id from name_alias a where a.until <= p_now;
end $$;

create function ticks_from(p_id bigint, p_most bigint) returns setof tick language plpgsql as $$
declare first tick;
begin
  perform set_config('app.platform', 'on', true);
  select * into first from tick t where t.id = p_id;
  if first.id is null then
    return;
  end if;
  return next first;
  return query
    select t.* from tick t
    where t.id > p_id
      and (t.id = p_id + 1 or t.id <= (
        select max(m.id) from tick m where m.id > p_id and m.id <= p_id + 1000 and m.seq <= first.seq + p_most))
    order by t.id desc limit 1;
end $$;

create function ticks_of(p_ids bigint[]) returns setof tick language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query select t.* from tick t where t.id = any(p_ids);
end $$;

create function within_answer(p_record text) returns text language plpgsql as $$
declare
  size bigint := octet_length(p_record);
begin
  if size < 1024 then return p_record; end if;
  size := size + coalesce(nullif(current_setting('app.answer_size', true), ''), '0')::bigint;
  if size > 33554432 then raise exception 'answer too large' using errcode = 'UV003'; end if;
  perform set_config('app.answer_size', size::text, true);
  return p_record;
end $$;
