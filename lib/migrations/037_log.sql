-- The log of changes: one row for each write of a record of an entity that asks for it (history, feed), written by the
-- statement that writes the record. It holds the old values of the keys that the write touched, so that earlier states are
-- folded back from the present one.
create sequence change_seq;

create table change (
  tenant_id uuid not null,
  entity_id bigint not null,
  id uuid not null,
  -- The version that the write has made; of a deletion: the last one and 1.
  version int not null,
  -- c(reated), u(pdated), d(eleted), r(estored).
  op "char" not null,
  -- u: {key: old value, null: unset} of the touched keys; d: all of the data; else null.
  was jsonb,
  -- updated_at and updated_by of what was replaced or deleted.
  was_at timestamptz,
  was_by uuid,
  -- d: created_at and created_by of the record, so that it can be brought back as it was.
  made_at timestamptz,
  made_by uuid,
  -- The version of the definition that it was written under.
  schema int not null,
  actor uuid,
  at timestamptz not null default now(),
  -- How long: s (2 days), m (30 days), y (a year), e (for ever).
  kept "char" not null,
  -- The transaction, which belongs to one node, as does the order of seq: the default caches no numbers, or the order would
  -- not be that in which writers of one record follow each other. 0: restored from a dump of another server.
  tx bigint not null default pg_current_xact_id()::text::bigint,
  seq bigint not null default nextval('change_seq'),
  primary key (tenant_id, entity_id, id, seq)
);
-- By transaction, for what reads the changes of all in the order of commits; other tenants' are passed over in the index.
create index change_tx on change (tx, tenant_id, entity_id, seq);

-- The deletions of an entity, for its trash.
create index change_deleted on change (tenant_id, entity_id, seq) where op = 'd';

alter table change enable row level security;
alter table change force row level security;
create policy tenant_or_platform on change
  using (tenant_id = app_tenant() or current_setting('app.platform', true) = 'on');

-- The entities whose changes are logged, and since when without a gap.
create table logged_entity (
  tenant_id uuid not null,
  entity_id bigint not null,
  since timestamptz not null default clock_timestamp(),
  primary key (tenant_id, entity_id),
  foreign key (tenant_id, entity_id) references entity (tenant_id, id) on delete cascade
);

alter table logged_entity enable row level security;
alter table logged_entity force row level security;
create policy tenant_or_platform on logged_entity
  using (tenant_id = app_tenant() or current_setting('app.platform', true) = 'on');

-- Moments of a node, each a snapshot: what is visible in one and not in the one before are the changes of a batch. Writers know
-- nothing of it, and a transaction that takes long holds up nobody else's changes.
create table tick (
  id bigint primary key,
  snap pg_snapshot not null,
  -- The highest number that a change could have by then.
  seq bigint not null,
  at timestamptz not null default clock_timestamp()
);
create index tick_at on tick (at);

alter table tick enable row level security;
alter table tick force row level security;
create policy platform_only on tick using (current_setting('app.platform', true) = 'on');

-- Makes a tick when there are changes that the last one has not; the last tick then. Ticks that sessions make at the same
-- moment meet at the primary key, so each is later than those before it.
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
    -- The first number is a node's own, so that a cursor of another node finds nothing.
    select coalesce(last.id, (random() * 2 ^ 50)::bigint) + 1, pg_current_snapshot(), s.last_value from change_seq s
    on conflict do nothing;
  end if;
  return query select t.* from tick t order by t.id desc limit 1;
end $$;

-- The tick of that id, and the last one that is at most so many numbers of changes after it, or else the next.
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

-- The changes of all tenants that are visible in the second tick and not in the first, in their order; never what they hold.
create function read_changes(p_from bigint, p_to bigint)
returns table (tenant_id uuid, entity_id bigint, id uuid, version int, op "char", seq bigint) language plpgsql as $$
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

-- Whether changes are logged on this server at all.
create function is_anything_logged() returns boolean language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return exists (select from logged_entity);
end $$;

-- After a dump has been restored: the numbers of transactions are those of another server, and may lie above this one's counter,
-- as no row that can be seen otherwise does. They are as old as can be then; the ticks go with them, and whoever held a cursor
-- begins again. The counter is compared within each statement, since others write meanwhile.
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

-- How far the changes of each class of retention are swept, in the order of change_tx.
create table change_sweep (
  kept "char" primary key,
  tx bigint not null,
  tenant_id uuid not null,
  entity_id bigint not null,
  seq bigint not null
);
alter table change_sweep enable row level security;
alter table change_sweep force row level security;
create policy platform_only on change_sweep using (current_setting('app.platform', true) = 'on');

-- Deletes the changes of a class that are older than that, among so many that follow the place where the last call ended; how
-- many it has passed, so that a call that passes fewer is the last for now. One process at a time.
create function sweep_changes(p_kept "char", p_before timestamptz, p_most int) returns int language plpgsql as $$
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

-- Deletes ticks that are older than that, but for the last one.
create function sweep_ticks(p_before timestamptz) returns void language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  delete from tick t where t.at < p_before and t.id < (select max(m.id) from tick m);
end $$;
