// The changes of one entity between two ticks, in their order.
import { column, columns } from '../../db/columns.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { TenantDb } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import type { Tick } from '../../log/tick-store.ts'

/** A change that is due, without what it holds. */
export interface DueChange {
  id: string
  seq: string
  /** Bytes of the record and of what the change holds. */
  size: number
}

export interface Batch {
  from: Tick
  to: Tick
  /** The number of the change after which it goes on. */
  after: string
}

const DUE_ROW = columns<DueChange>({
  id: column.text('x.id'),
  seq: column.text('x.seq'),
  size: column.integer('x.size'),
})

const SIZE = `coalesce(octet_length(c.was::text), 0) + coalesce((select octet_length(r.data::text) from record r
  where r.tenant_id = c.tenant_id and r.entity_id = c.entity_id and r.id = c.id), 0)`

/** What had not begun by the first tick, and what was under way then: both as far as they had ended by the second. */
const TEXT = `
  select ${DUE_ROW.list} from (
    select c.id, c.seq, ${SIZE} as size from (
      select * from change c
      where c.tenant_id = $1 and c.entity_id = $2 and c.tx >= $3 and c.tx < $4
        and pg_visible_in_snapshot(c.tx::text::xid8, $5::pg_snapshot)
      union all
      select * from change c
      where c.tenant_id = $1 and c.entity_id = $2 and c.tx = any($6::bigint[])
        and pg_visible_in_snapshot(c.tx::text::xid8, $5::pg_snapshot)
    ) c where c.seq > $7 order by c.seq limit $8) x order by x.seq`

export async function dueChanges(
  db: Pick<TenantDb, 'read'>,
  scope: TenantScope,
  { tenantId, id }: Entity,
  { from, to, after, limit }: Batch & { limit: number },
): Promise<DueChange[]> {
  const { xmax, running } = from.snapshot
  const values = [tenantId, id, xmax, to.snapshot.xmax, to.snapshot.text, running, after, limit]
  return (await db.read(scope, { text: TEXT, values })).map(DUE_ROW.decode)
}
