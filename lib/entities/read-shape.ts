// The parts of a definition that reads depend on. Options that only restrict writes or inform people are left out, so
// entities that differ in nothing else share query plans, across tenants.
import { createHash } from 'node:crypto'
import type { Field } from '../fields/field.ts'
import type { Entity, EntityDefinition } from './entity.ts'

/** Options of a field that no operator, sort key or parser of a field type depends on. */
export const IGNORED_BY_READS: ReadonlySet<string> = new Set([
  ...['required', 'from', 'default', 'description', 'label', 'group', 'ui'],
  ...['min', 'max', 'min_length', 'max_length', 'pattern', 'min_items', 'max_items'],
  ...['mime_types', 'max_size', 'on_delete', 'trim'],
])

const forReading = (field: Field) =>
  Object.fromEntries(Object.entries(field).filter(([option]) => !IGNORED_BY_READS.has(option))) as Field

/** The entity reduced to its read shape: a plan made from it fits every entity of the same shape. */
export function readableForm(entity: Entity): Entity {
  const blank = {
    label: null,
    description: null,
    createdAt: '',
    updatedAt: '',
    constraints: [],
    retiredKeys: [],
    purgedKeys: undefined,
  }
  return { ...entity, ...blank, fields: entity.fields.map(forReading) }
}

/** Ends the digest of an entity whose fields have former names, so that others need not be asked for them. */
const ALIASED = '+'

/** A digest of the read shape, 32 hexadecimal digits: equal for definitions that are read in the same way. */
export function readShapeOf(
  definition: Pick<EntityDefinition, 'fields' | 'slots' | 'aliases' | 'orderedByTime' | 'formerKeys'>,
): string {
  const { fields, slots, aliases, orderedByTime, formerKeys } = definition
  const marks = [orderedByTime === true ? 'created_at' : [], formerKeys ? 'former keys' : []].flat()
  const parts = [fields.map(forReading), slots, ...marks, ...(aliases === undefined ? [] : [aliases])]
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
  return aliases === undefined ? digest : `${digest}${ALIASED}`
}

/** True when fields of the entity have former names; answered without reading the definition where the shape is known. */
export function hasAliases(entity: Pick<Entity, 'shape' | 'aliases'>): boolean {
  return entity.shape === undefined ? entity.aliases !== undefined : entity.shape.endsWith(ALIASED)
}
