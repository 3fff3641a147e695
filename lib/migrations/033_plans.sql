-- The plans of changes of definitions: what a preview has found, and the change that is being carried out, or was.
create table plan (
  tenant_id uuid not null,
  entity_id bigint not null,
  id text not null,
  kind text not null check (kind in ('change', 'rollback', 'purge')),
  state text not null check (state in ('checking', 'planned', 'filling', 'blocked', 'applied', 'failed', 'cancelled')),
  -- The version of the definition that it is for.
  base_version int not null,
  -- Digests of what it depends on, and the losses by field that it has told of.
  seal jsonb not null default '{}',
  -- Of all that, in one: SHA-256, in hexadecimal digits.
  hash text,
  -- What the preview answers.
  report jsonb not null default '{}',
  -- {"checked", "total"} while records are looked at; {"done", "total"} while they are filled.
  progress jsonb,
  created_at timestamptz not null default now(),
  -- When one that is not carried out ends.
  expires_at timestamptz not null default now() + interval '24 hours',
  -- When its state or its progress was last said; a check that falls silent has failed.
  worked_at timestamptz not null default now(),
  created_by uuid,
  author text,
  primary key (tenant_id, entity_id, id),
  foreign key (tenant_id, entity_id) references entity (tenant_id, id) on delete cascade
);
create unique index plan_running on plan (tenant_id, entity_id) where state in ('filling', 'blocked');

alter table plan enable row level security;
alter table plan force row level security;
create policy tenant_or_platform on plan
  using (tenant_id = app_tenant() or current_setting('app.platform', true) = 'on');

-- The plan that made the version.
alter table entity_version add column plan text;
