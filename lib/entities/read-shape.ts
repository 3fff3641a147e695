// What of a definition reading its records depends on. Options that only say what may be written, or what people are
// told, are left out: entities that differ in nothing else are read by the same plans, whoever's they are.
import { createHash } from 'node:crypto'
import type { Field } from '../fields/field.ts'
import type { Entity, EntityDefinition } from './entity.ts'

/** No operator, sort key or parser of a field type looks at these. */
export const NOT_FOR_READING: ReadonlySet<string> = new Set([
  ...['required', 'default', 'description', 'label', 'group', 'ui'],
  ...['min', 'max', 'min_length', 'max_length', 'pattern', 'min_items', 'max_items'],
  ...['mime_types', 'max_size', 'on_delete'],
])

const forReading = (field: Field) =>
  Object.fromEntries(Object.entries(field).filter(([option]) => !NOT_FOR_READING.has(option))) as Field

/** The entity with nothing in its fields that its shape does not tell: a plan made of it fits all others of the shape. */
export function readableForm(entity: Entity): Entity {
  const told = { label: null, description: null, createdAt: '', updatedAt: '' }
  return { ...entity, ...told, fields: entity.fields.map(forReading), constraints: [], retiredKeys: [] }
}

/** A digest: the same for definitions that are read in the same way, and for no others. */
export function readShapeOf({ fields, slots }: Pick<EntityDefinition, 'fields' | 'slots'>): string {
  return createHash('sha256')
    .update(JSON.stringify([fields.map(forReading), slots]))
    .digest('hex')
    .slice(0, 32)
}
