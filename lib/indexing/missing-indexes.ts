// The fields that a query would find faster by an index than it does now: counted for the fields that get one by themselves,
// and named to whom it took too long. Counts are in memory, since every list adds to them: losing them costs little, and the
// database is read elsewhere, and rarely.
import { LRUCache } from 'lru-cache'
import type { Entity, SystemField } from '../entities/entity.ts'
import { isIndexable } from '../entities/slots.ts'
import type { Field } from '../fields/field.ts'
import type { Condition } from '../query/plan/condition.ts'
import { boundColumns } from '../query/plan/index-use.ts'
import type { OrderKey } from '../query/plan/order.ts'
import { idColumn } from '../query/plan/system-columns.ts'

const INDEXED_SYSTEM_FIELDS: readonly SystemField[] = ['id', 'created_at', 'created_by']

/** Fields that are counted. */
const FIELDS = 10_000

/** Queries before the first look at how large the entity is; the looks after it come ever later, but they come. */
const FIRST_LOOK = 5

const LOOKS_APART = 640

/** What of a plan matters here; lists, counts and changes by filter have it. */
export interface Watched {
  entity: Entity
  where: Condition
  /** Groups are ordered by their outputs: such a key has no column. */
  order?: readonly { column?: OrderKey['column']; descending: boolean }[]
}

/** A field that may deserve an index. */
export interface IndexRequest {
  tenantId: string
  entity: string
  entityId: number
  key: string
}

/** Counts how often queries would have used an index that is not there, field by field. */
export class MissingIndexCounter {
  readonly #counts = new LRUCache<string, number>({ max: FIELDS })
  readonly #onMissing: (request: IndexRequest) => void

  constructor(onMissing: (request: IndexRequest) => void) {
    this.#onMissing = onMissing
  }

  note(plan: Watched): void {
    for (const { key } of wantedFields(plan)) this.#count(plan.entity, key)
  }

  #count({ tenantId, name, id }: Entity, key: string): void {
    const counted = `${id}:${key}`
    const count = (this.#counts.get(counted) ?? 0) + 1
    this.#counts.set(counted, count)
    if (isTimeToLook(count)) this.#onMissing({ tenantId, entity: name, entityId: id, key })
  }
}

function isTimeToLook(count: number): boolean {
  return count % LOOKS_APART === 0 || Number.isInteger(Math.log2(count / FIRST_LOOK))
}

/** Fields that the filter narrows down by or that come first in the order, without an index that is ready. */
export function wantedFields({ where, order = [] }: Watched): Field[] {
  const bounds = boundColumns(where)
  if (bounds.some(({ column, exact }) => exact && column === idColumn)) return []
  const columns = bounds.map(({ column }) => column)
  const first = order[0]?.column
  const fields = [...columns, ...(first === undefined ? [] : [first])].flatMap((column) =>
    column.kind === 'field' && column.slot === null ? [column.field] : [],
  )
  return [...new Set(fields)].filter(isIndexable)
}

/** What makes the query faster, in words; names no field that is not readable. */
export function timeoutHint(
  plan: Watched,
  readable: (field: Field) => boolean,
  hidden: readonly SystemField[] = [],
): string {
  const { slots, fields } = plan.entity
  const wanted = wantedFields(plan).filter(readable)
  const missing = wanted.filter(({ key }) => !Object.hasOwn(slots, key))
  if (missing.length > 0) return `An index would help: set "indexed": true on ${quoted(missing)}.`
  if (wanted.length > 0) return `The index on ${quoted(wanted)} is being filled; try again later.`
  const indexed = fields.filter((field) => slots[field.key]?.ready === true && readable(field))
  const system = INDEXED_SYSTEM_FIELDS.filter((name) => !hidden.includes(name))
  const names = [...system, ...indexed.map(({ name }) => name)].join(', ')
  return `Narrow the query by an indexed field (${names}); neq, cs, cd, ov and like without a beginning use no index.`
}

const quoted = (fields: readonly Field[]) => fields.map(({ name }) => `"${name}"`).join(', ')
