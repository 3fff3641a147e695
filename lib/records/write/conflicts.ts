// From PostgreSQL's refusal of a write to a 409 that names each value and row that stands against it. The database
// tells only one of them, so the rest is asked for; when the cause has gone meanwhile, the constraint alone is named.

import { constraintOf, violatedConstraint } from '../../db/constraints.ts'
import { Parameters } from '../../db/parameters.ts'
import type { Statement, TextRow } from '../../db/statement.ts'
import type { UniqueConstraint } from '../../entities/entity.ts'
import type { Problem, Violation } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import type { LinkRow, NewRecord, WriteScope } from './written-row.ts'

/** Whether the constraint of an upsert's target was violated; `target` null: the id's. */
export function violatesTarget(error: unknown, target: UniqueConstraint | null): boolean {
  if (violatedConstraint(error) !== 'unique') return false
  return constraintOf(error) === (target === null ? 'record_pkey' : `record_u${target.slot}`)
}

type Named = Pick<WriteScope, 'entity' | 'readable'>

/** The names of those fields that the caller may know of. */
function namesOf({ entity, readable = () => true }: Named, keys: readonly string[]): string[] {
  return keys.flatMap((key) => {
    const field = entity.fields.find((one) => one.key === key)
    return field !== undefined && readable(field) ? [field.name] : []
  })
}

/** The holder of a value that must occur once. */
const OTHER_RECORD = 'another record has'

function taken(
  named: Named,
  constraint: UniqueConstraint,
  row: number | undefined,
  holder = OTHER_RECORD,
): Violation {
  const [name, ...others] = namesOf(named, constraint.keys)
  const message =
    others.length === 0
      ? `is taken: ${holder} this value`
      : `together with ${others.join(', ')} is taken: ${holder} these values`
  const pointer = name === undefined ? '' : `/${name}`
  return { pointer, keyword: 'unique', message, ...(row === undefined ? {} : { row }) }
}

/**
 * The violation of a row whose value is held already.
 *
 * @param constraint null: the id
 * @param holder what has the value, with its verb
 */
export function takenBy(
  named: Named,
  constraint: UniqueConstraint | null,
  row?: number,
  holder = OTHER_RECORD,
): Violation {
  if (constraint !== null) return taken(named, constraint, row, holder)
  const message = `is taken: ${holder} this id`
  return { pointer: '/id', keyword: 'unique', message, ...(row === undefined ? {} : { row }) }
}

/** A row of the same body as the holder, of which no more is known than that it has been written. */
export const EARLIER_ROW = 'an earlier row of this body has'

/** An earlier row of the same body as the holder; `renumbered` changes the number. */
export const rowHolds = (row: number) => `row ${row} of this body has`

/** The violation with the number of the row that its message names replaced. */
export function renumbered(violation: Violation, rowOf: (row: number) => number): Violation {
  const message = violation.message.replace(/row (\d+) of this body has/, (_, row) =>
    rowHolds(rowOf(Number(row))),
  )
  return message === violation.message ? violation : { ...violation, message }
}

/** A row of a batch that wants what an earlier one, `first`, wants. */
export interface Repetition {
  violation: Violation & { row: number }
  first: number
}

/**
 * Rows of a batch that claim the same unique value as an earlier row of it, or as one that keeps the value which it has.
 *
 * @param keeps whether a row is a record whose values of the constraint stay
 */
export function duplicatesWithin(
  named: Named,
  rows: readonly NewRecord[],
  keeps: (row: number, constraint: UniqueConstraint) => boolean = () => false,
): Repetition[] {
  return named.entity.constraints.flatMap((constraint) => {
    const textOf = (row: number) => rows[row]?.slots[`u${constraint.slot}`]
    const numbers = [...rows.keys()].filter((row) => textOf(row) != null)
    const kept = numbers.filter((row) => keeps(row, constraint))
    const seen = new Map(kept.map((row) => [textOf(row) as string, row]))
    return numbers.flatMap((row): Repetition[] => {
      if (seen.get(textOf(row) as string) === row) return []
      const text = textOf(row) as string
      const first = seen.get(text)
      if (first !== undefined) {
        // A row that gives no value of its own is to the caller a record like any other.
        const holder = keeps(first, constraint) ? OTHER_RECORD : rowHolds(first)
        return [{ violation: { ...taken(named, constraint, row, holder), row }, first }]
      }
      seen.set(text, row)
      return []
    })
  })
}

/** Asks which unique values of the rows other records have: rows of [slot column, text, id]. */
export function takenStatement(context: WriteScope, rows: readonly NewRecord[]): Statement {
  const p = new Parameters()
  const scope = `tenant_id = ${p.add(context.scope.id)} and entity_id = ${p.add(context.entity.id)}`
  const others = `id <> all(${p.add(rows.map((row) => row.id))}::uuid[])`
  const selects = context.entity.constraints.map(({ slot }) => {
    const texts = rows.map((row) => row.slots[`u${slot}`]).filter((text) => text != null)
    return `select 'u${slot}', u${slot}, id::text from record where ${scope} and ${others} and u${slot} = any(${p.add(texts)}::text[])`
  })
  return { text: selects.join(' union all '), values: p.values }
}

/**
 * @param found what takenStatement gave
 * @param error what the database said, for a value that no other record has: several of a change were to have it
 */
export function uniqueConflict(
  context: WriteScope,
  rows: readonly NewRecord[],
  found: TextRow[],
  error: unknown,
): Problem {
  const violations = takenByOthers(context, rows, found)
  if (violations.length > 0) return errors.uniqueConflict(violations)
  const violated = context.entity.constraints.find((constraint) => violatesTarget(error, constraint))
  return errors.uniqueConflict([takenBy(context, violated ?? null, undefined, context.holder)])
}

/** Rows of a batch whose unique values other records have. @param found what takenStatement gave */
export function takenByOthers(
  context: WriteScope,
  rows: readonly NewRecord[],
  found: TextRow[],
): Violation[] {
  const holders = new Map(found.map(([slot, text, id]) => [`${slot}:${text}`, id as string]))
  return context.entity.constraints.flatMap((constraint) =>
    rows.flatMap(({ slots }, row) => {
      const id = holders.get(`u${constraint.slot}:${slots[`u${constraint.slot}`]}`)
      if (id === undefined) return []
      const holder = context.earlier?.has(id) ? EARLIER_ROW : OTHER_RECORD
      return [taken(context, constraint, rows.length > 1 ? row : undefined, holder)]
    }),
  )
}

/** Asks which link targets exist: rows of [entity id, record id]. */
export function targetsStatement(context: WriteScope, rows: readonly NewRecord[]): Statement {
  const p = new Parameters()
  const links = rows.flatMap((row) => row.links)
  const text = `select r.entity_id::text, r.id::text from record r
    join unnest(${p.add(links.map((l) => l.toEntity))}::bigint[], ${p.add(links.map((l) => l.toId))}::uuid[]) as l(e, i)
      on r.entity_id = l.e and r.id = l.i where r.tenant_id = ${p.add(context.scope.id)}`
  return { text, values: p.values }
}

/** The id may come from a default, so it is shown only to callers who may read the field. */
function missingTarget(named: Named, { field, toId }: LinkRow): Violation {
  const [name] = namesOf(named, [field])
  if (name === undefined)
    return { pointer: '', keyword: 'reference', message: 'refers to a record that does not exist' }
  return { pointer: `/${name}`, keyword: 'reference', message: `refers to ${toId}, which does not exist` }
}

/** @param found what targetsStatement gave */
export function targetConflict(
  context: WriteScope,
  rows: readonly { links: readonly LinkRow[] }[],
  found: readonly TextRow[],
): Problem {
  const present = new Set(found.map(([entity, id]) => `${entity}:${id}`))
  const violations = rows.flatMap(({ links }, row) =>
    links
      .filter((link) => !present.has(`${link.toEntity}:${link.toId}`))
      .map((link) => ({
        ...missingTarget(context, link),
        ...(rows.length > 1 ? { row } : {}),
      })),
  )
  return errors.referenceConflict(violations)
}
