// Who may do what with a file. Its uploader and admins list, read and delete it; others read it through a record that
// they may read and that holds it in a file field.
import type { Caller } from '../auth/admission.ts'
import { isAdmin } from '../auth/roles.ts'
import type { Parameters } from '../postgres/parameters.ts'
import type { StoredFile } from './stored-file.ts'

// Scalar sub-selects, since PostgreSQL may answer an EXISTS by hashing every link and entity of the tenant.

/** True of a link `l` whose field still exists: a dropped one neither shows a file nor keeps it. */
export const LIVE_LINK = `coalesce((
  select e.definition->'fields' @> jsonb_build_array(jsonb_build_object('key', l.field))
  from entity e where e.tenant_id = l.tenant_id and e.id = l.from_entity), false)`

/** Whether a readable record holds the file `r`. Until permissions are data, everyone signed in reads all records. */
const HELD_BY_READABLE_RECORD = `coalesce((
  select true from link l
  where l.tenant_id = r.tenant_id and l.to_entity = r.entity_id and l.to_id = r.id and ${LIVE_LINK}
  limit 1), false)`

/** SQL condition on the file of alias `r`: the caller may read it. */
export function mayRead({ id, role }: Caller, parameters: Parameters): string {
  if (isAdmin(role)) return 'true'
  return `(r.created_by = ${parameters.add(id)}::uuid or ${HELD_BY_READABLE_RECORD})`
}

/** The only account whose files the caller may list and delete; undefined: anyone's. */
export function onlyOwner({ id, role }: Caller): string | undefined {
  return isAdmin(role) ? undefined : id
}

export function mayDelete(caller: Caller, { createdBy }: StoredFile): boolean {
  const owner = onlyOwner(caller)
  return owner === undefined || owner === createdBy
}
