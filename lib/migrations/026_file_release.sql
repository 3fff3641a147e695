-- When a record last let go of a file: slot k2 of the file, so that the sweep of unused files counts from then. Never waits: a
-- file that another transaction holds is being let go of, or deleted, by that one at the same moment.
create function note_file_release() returns trigger language plpgsql as $$
begin
  update record set k2 = now()::text where ctid = (
    select ctid from record
    where tenant_id = old.tenant_id and entity_id = 0 and id = old.to_id
    for no key update skip locked);
  return null;
end $$;

create trigger file_release after delete on link
for each row when (old.to_entity = 0) execute function note_file_release();
