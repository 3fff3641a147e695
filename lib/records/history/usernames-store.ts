// The names of the accounts that have written something; of one that is gone the id alone is known.
import type { TenantScope } from '../../db/scope.ts'
import type { TenantDb } from '../../db/statement.ts'

export interface Person {
  id: string
  username: string | null
}

/** By account id. */
export async function usernames(
  db: Pick<TenantDb, 'read'>,
  scope: TenantScope,
  ids: readonly (string | null)[],
): Promise<(id: string | null) => Person | null> {
  const wanted = [...new Set(ids)].filter((id) => id !== null)
  const text = 'select id::text, username from account where tenant_id = $1 and id = any($2::uuid[])'
  const rows = wanted.length === 0 ? [] : await db.read(scope, { text, values: [scope.id, wanted] })
  const names = new Map(rows.map(([id, username]) => [id as string, username as string]))
  return (id) => (id === null ? null : { id, username: names.get(id) ?? null })
}
