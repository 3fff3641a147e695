// What the tests of changes beside live traffic share: an entity with more records than one transaction rewrites, and a look
// behind the API at how its records are stored.
import { isDeepStrictEqual } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { derive } from '../../../lib/entities/derived-columns.ts'
import type { Entity } from '../../../lib/entities/entity.ts'
import { slotColumns } from '../../../lib/schema/change/record-rewrite.ts'
import { define, look, type Send } from '../indexing/entity.ts'
import { until } from '../until.ts'

/** More records than are rewritten at once. */
export const MANY = 5100

export interface StoredRow {
  id: string
  data: Record<string, unknown>
  keys: Record<string, string>
  slots: Record<string, string | null>
}

/** An entity `item` with a text `size` of digits, and others as given. */
export async function defineItems(
  send: Send,
  { count = MANY, field = {}, others = [] as object[], size = (n: number): unknown => String(n) } = {},
): Promise<void> {
  const fields = [{ name: 'name', type: 'string' }, { name: 'size', type: 'string', ...field }, ...others]
  await define(
    send,
    'item',
    fields,
    Array.from({ length: count }, (_, n) => ({ name: `n${n}`, size: size(n) })),
  )
}

/** The definition of `item` with another `size`. */
export function withSize(size: object, others: object[] = []) {
  return { fields: [{ name: 'name', type: 'string' }, { name: 'size', ...size }, ...others] }
}

export async function entityNamed(app: FastifyInstance, name: string): Promise<Entity> {
  const [row] = await look<Entity & { definition: object; tenant_id: string }>(
    app,
    'select tenant_id, id::float8 as id, name, version, definition from entity where name = $1 and deleted_at is null',
    [name],
  )
  if (row === undefined) throw new Error(`no entity ${name}`)
  return { ...row, ...row.definition, tenantId: row.tenant_id }
}

/** The records as they are stored, with the columns of the slots that the entity has. */
export async function storedRows(app: FastifyInstance, entity: Entity): Promise<StoredRow[]> {
  const slots = slotColumns(entity).flatMap((name) => [`'${name}'`, name])
  return look<StoredRow>(
    app,
    `select id, data, keys, jsonb_build_object(${slots.join(', ')}) as slots from record where entity_id = $1 order by id`,
    [entity.id],
  )
}

/** Ids of the records whose columns are not what their data says. */
export function wronglyDerived(entity: Entity, rows: readonly StoredRow[]): string[] {
  return rows
    .filter(({ data, keys, slots }) => {
      const derived = derive(entity, data)
      const has = Object.entries(derived.keys).every(([key, value]) => keys[key] === value)
      return !has || !isDeepStrictEqual(derived.slots, slots)
    })
    .map(({ id }) => id)
}

/** Waits until no change of the entity is being prepared; its definition. */
export async function whenSettled(app: FastifyInstance, name: string): Promise<Entity> {
  return until(async () => {
    const entity = await entityNamed(app, name)
    return entity.pending === undefined ? entity : undefined
  }, `the change of ${name} is over`) as Promise<Entity>
}

/** Waits until the change of the entity is in this state. */
export function whenState(app: FastifyInstance, state: string) {
  return until(
    async () => (await look(app, 'select from plan where state = $1', [state])).length > 0,
    `a change is ${state}`,
  )
}
