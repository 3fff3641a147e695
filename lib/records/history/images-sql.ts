// Earlier states of records in the place of the table: a statement's `record` is then a list of them, in all columns, so that
// the plans and statements of ordinary reads serve for any moment, rules and projections included.
import type { Statement } from '../../db/statement.ts'
import { derive } from '../../entities/derived-columns.ts'
import type { Entity } from '../../entities/entity.ts'
import type { RecordState } from '../../log/record-state.ts'

const numbered = (letter: string, most: number) =>
  Array.from({ length: most }, (_, at) => `${letter}${at + 1}`)

const SLOTS = [...numbered('k', 12), ...numbered('u', 4)]

/** The columns of a record beside its owner, with their types. */
const COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ['id', 'uuid'],
  ['version', 'int'],
  ['created_at', 'timestamptz'],
  ['updated_at', 'timestamptz'],
  ['created_by', 'uuid'],
  ['updated_by', 'uuid'],
  ['data', 'jsonb'],
  ['keys', 'jsonb'],
  ...SLOTS.map((slot) => [slot, 'text collate "C"'] as const),
]

const OWNER = 'tenant_id, entity_id'

const NAMES = COLUMNS.map(([name]) => name)

/** A state with its place among others. */
export interface Image {
  state: RecordState
  /** Tells states of one record apart. */
  at: number
}

function rowOf(entity: Entity, { state, at }: Image): object {
  const { id, version, createdAt, updatedAt, createdBy, updatedBy, data } = state
  const { keys, slots } = derive(entity, data)
  const times = { created_at: createdAt, updated_at: updatedAt }
  return { id, version, ...times, created_by: createdBy, updated_by: updatedBy, data, keys, ...slots, at }
}

/** SQL of records beside the images, and its values; the place of the first is given. */
export type OtherRecords = (first: number) => { text: string; values: readonly unknown[] }

/**
 * The statement with images in the place of records; `r.at` is the place of each.
 *
 * @param others records as they are, by a condition on `r`
 */
export function amongImages(
  entity: Entity,
  images: readonly Image[],
  { text, values, ...how }: Statement,
  others?: OtherRecords,
): Statement {
  const first = values.length + 1
  const own = [JSON.stringify(images.map((image) => rowOf(entity, image))), entity.tenantId, entity.id]
  const types = [...COLUMNS.map(([name, type]) => `${name} ${type}`), 'at int']
  const listed = `select $${first + 1}::uuid as tenant_id, $${first + 2}::bigint as entity_id, ${[...NAMES, 'at'].join(', ')}
    from jsonb_to_recordset($${first}::jsonb) as d(${types.join(', ')})`
  const more = others?.(first + own.length)
  const rest = more && ` union all select ${OWNER}, ${NAMES.join(', ')}, 0 from record r where ${more.text}`
  const part = `record as (${listed}${rest ?? ''})`
  return {
    ...how,
    text: text.startsWith('with ') ? `with ${part}, ${text.slice('with '.length)}` : `with ${part} ${text}`,
    values: [...values, ...own, ...(more?.values ?? [])],
    cost: 'open',
  }
}
