// Unique values that move from one record to another within a change of many, as in a swap: the record that has one lets go
// of it first, since PostgreSQL compares row by row.
import { Parameters } from '../../db/parameters.ts'
import type { Statement } from '../../db/statement.ts'
import { uniqueSlots } from '../../entities/derived-columns.ts'
import type { Entity } from '../../entities/entity.ts'
import type { CurrentRecord } from './lock-store.ts'
import type { NewRecord, WriteScope } from './written-row.ts'

/** The ids of the records whose present value another one is to have, by the slot column. */
export function movedValues(
  entity: Entity,
  current: readonly Pick<CurrentRecord, 'id' | 'data'>[],
  records: readonly NewRecord[],
): Map<string, string[]> {
  const moved = new Map<string, string[]>()
  const before = current.map(({ id, data }) => ({ id, slots: uniqueSlots(entity, data) }))
  for (const { slot } of entity.constraints) {
    const column = `u${slot}`
    const takers = new Map(records.map(({ id, slots }) => [slots[column], id]))
    const holders = before.filter(({ id, slots }) => {
      const text = slots[column]
      return text != null && takers.has(text) && takers.get(text) !== id
    })
    if (holders.length > 0)
      moved.set(
        column,
        holders.map(({ id }) => id),
      )
  }
  return moved
}

/** Takes the value of a slot column from records that are written again afterwards. */
export function releaseStatement(
  { scope, entity }: WriteScope,
  column: string,
  ids: readonly string[],
): Statement {
  const p = new Parameters()
  const text = `update record set ${column} = null where tenant_id = ${p.add(scope.id)}
    and entity_id = ${p.add(entity.id)} and id = any(${p.add(ids)}::uuid[])`
  return { text, values: p.values }
}
