// The right of roles to upload files: rows in and out, and what holds for a role of which a tenant has said nothing. Writes run
// inside a change of the tenant's metadata.
import { column, columns } from '../db/columns.ts'
import type { Queryable, Statement, TextRow } from '../db/statement.ts'
import { isBuiltIn } from './roles.ts'

/** By role, as the tenant has set them. */
export type UploadRights = ReadonlyMap<string, boolean>

const UPLOAD_RIGHT = columns<{ role: string; allowed: boolean }>({
  role: column.text('role'),
  allowed: column.boolean('allowed'),
})

/** The upload rights that a tenant has set. */
export const selectUploadRights = (tenantId: string): Statement => ({
  text: `select ${UPLOAD_RIGHT.list} from upload_right where tenant_id = $1`,
  values: [tenantId],
})

export function toUploadRights(rows: readonly TextRow[]): UploadRights {
  return new Map(rows.map(UPLOAD_RIGHT.decode).map(({ role, allowed }) => [role, allowed]))
}

/** Whether a role may upload: signed-in callers with a built-in role may, unless the tenant says otherwise. */
export function mayUpload(role: string, rights: UploadRights): boolean {
  return rights.get(role) ?? isBuiltIn(role)
}

/** Sets whether a role may upload. */
export async function saveUploadRight(
  tx: Queryable,
  tenantId: string,
  role: string,
  allowed: boolean,
): Promise<void> {
  await tx.query(
    `insert into upload_right (tenant_id, role, allowed) values ($1, $2, $3)
     on conflict (tenant_id, role) do update set allowed = excluded.allowed`,
    [tenantId, role, allowed],
  )
}
