// References of records that come back: those to what is gone by now are left out, unless a required field is left without one.
import type { Transaction } from '../../db/statement.ts'
import { FILES } from '../../entities/entity.ts'
import type { Violation } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import type { Actor } from '../actor.ts'
import { type StoredPatch, withoutNulls } from '../stored-data.ts'
import { withoutDangling } from './restorable.ts'
import type { ReturningRecord } from './restore-plan.ts'

interface PrunedRecord {
  record: ReturningRecord
  data: StoredPatch
}

/** errors.referenceConflict names required fields whose target is gone. */
export async function pruneReferences(
  tx: Transaction,
  actor: Actor,
  records: readonly ReturningRecord[],
): Promise<{ pruned: PrunedRecord[]; warnings: string[] }> {
  const { entity, policy } = actor
  const present = await presentTargets(tx, actor, records)
  const own = new Set(records.map(({ state }) => `${entity.name} ${state.id}`))
  const exists = (target: string | null, id: string) => {
    const name = `${target ?? ''} ${id}`
    return own.has(name) || present.has(name)
  }
  const conflicts: Violation[] = []
  const warnings: string[] = []
  const pruned = records.map((record) => {
    const { data, lost } = withoutDangling(entity, record.state.data, exists)
    for (const field of lost) {
      const name = policy.readable(field) ? field.name : undefined
      if (field.required && isEmpty(data[field.key])) conflicts.push(conflictOf(name))
      else warnings.push(`${name ?? 'a field'} refers to what is gone: it is unset, or the list is shorter`)
    }
    return { record, data: withoutNulls(data) }
  })
  if (conflicts.length > 0) throw errors.referenceConflict(conflicts)
  return { pruned, warnings: [...new Set(warnings)] }
}

const isEmpty = (value: unknown) => value == null

function conflictOf(name: string | undefined): Violation {
  const message = 'is required, and refers to what does not exist any more'
  return { pointer: name === undefined ? '' : `/${name}`, keyword: 'reference', message }
}

/** What of the targets is there: `entity id`, of a file ` id`. */
async function presentTargets(
  tx: Transaction,
  { caller, entity }: Actor,
  records: readonly ReturningRecord[],
): Promise<ReadonlySet<string>> {
  const linked = entity.fields.filter((field) => typeOf(field.type).links !== undefined)
  const links = records.flatMap(({ state }) => linked.flatMap((field) => linksIn(field, state.data)))
  if (links.length === 0) return new Set()
  const names = links.map(({ target }) => target ?? '')
  const rows = await tx.query<{ target: string; id: string }>(
    `select l.target, l.id::text as id from unnest($2::text[], $3::uuid[]) as l(target, id)
     left join entity e on e.tenant_id = $1 and e.name = l.target and e.deleted_at is null
     join record r on r.tenant_id = $1 and r.id = l.id
       and r.entity_id = case when l.target = '' then ${FILES} else e.id end
     for key share of r`,
    [caller.tenant.id, names, links.map(({ id }) => id)],
  )
  return new Set(rows.rows.map(({ target, id }) => `${target} ${id}`))
}

function linksIn(field: Field, data: Readonly<Record<string, unknown>>) {
  const value = data[field.key]
  if (value == null) return []
  const links = typeOf(field.type).links?.(value, field) ?? []
  return links.flatMap(({ entity: target, ids }) => ids.map((id) => ({ target, id })))
}
