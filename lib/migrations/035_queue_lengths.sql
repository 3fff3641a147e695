-- How much background work waits, over all tenants: for the server's metrics, which name no tenant. Entities whose index slots
-- are filled or whose keys are derived again, and those whose fields or records are purged.
create function queue_lengths() returns table (queue text, waiting bigint) language plpgsql as $$
begin
  perform set_config('app.platform', 'on', true);
  return query
    select 'slot_fill', count(*) from slot_fill
    union all select 'key_fill', count(*) from key_fill
    union all select 'field_purge', count(*) from field_purge
    union all select 'entity_purge', count(*) from entity_deletion where due_at <= now();
end $$;
