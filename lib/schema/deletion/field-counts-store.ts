// How many records hold a value of certain fields, dropped ones included, and how much that is.
import { column, columns } from '../../db/columns.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { Statement, TenantDb } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import { errorCode, QUERY_CANCELED } from '../../errors/codes.ts'

export interface FieldCount {
  /** Null: they are too many to be counted in time. */
  records: number | null
  /** Of the values as JSON text. */
  bytes: number | null
}

const COUNT = columns<FieldCount & { key: string }>({
  key: column.text('k.key'),
  records: column.integer('count(*)'),
  bytes: column.integer('sum(octet_length((r.data -> k.key)::text))'),
})

const selectCounts = ({ tenantId, id }: Pick<Entity, 'tenantId' | 'id'>, keys: string[]): Statement => ({
  text: `select ${COUNT.list} from record r join unnest($3::text[]) as k(key) on r.data ? k.key
    where r.tenant_id = $1 and r.entity_id = $2 and r.data ?| $3::text[] group by k.key`,
  values: [tenantId, id, keys],
})

/** The counts of fields by their keys. */
export async function countFields(
  db: Pick<TenantDb, 'read'>,
  scope: TenantScope,
  { entity, keys }: { entity: Pick<Entity, 'tenantId' | 'id'>; keys: string[] },
): Promise<Map<string, FieldCount>> {
  if (keys.length === 0) return new Map()
  try {
    const found = (await db.read(scope, selectCounts(entity, keys))).map(COUNT.decode)
    const counts = new Map(found.map(({ key, ...count }) => [key, count]))
    return new Map(keys.map((key) => [key, counts.get(key) ?? { records: 0, bytes: 0 }]))
  } catch (error) {
    if (errorCode(error) !== QUERY_CANCELED) throw error
    return new Map(keys.map((key) => [key, { records: null, bytes: null }]))
  }
}
