// What a change of a definition does to existing records that its author may not expect, in words. Pure.
import type { EntityDefinition } from '../../entities/entity.ts'
import type { Field } from '../../fields/field.ts'

/** A sentence for each surprise; empty for most changes. */
export function warningsOf(
  current: Pick<EntityDefinition, 'fields'>,
  next: Pick<EntityDefinition, 'fields'>,
  backfill: ReadonlySet<string>,
): string[] {
  const before = new Set(current.fields.map(({ key }) => key))
  const kept = new Set(next.fields.map(({ key }) => key))
  const isEmpty = ({ key, ...field }: Field) =>
    !before.has(key) && field.default !== undefined && !field.required && !backfill.has(key)
  return [
    ...current.fields.filter(({ key }) => !kept.has(key)).map(({ name }) => droppedField(name)),
    ...next.fields.filter(isEmpty).map(({ name }) => emptyField(name)),
  ]
}

const droppedField = (name: string) =>
  `${name} is dropped: its values are hidden, and a field of this name added later starts without them.`

const emptyField = (name: string) =>
  `Existing records have null in ${name}: its default is for new ones. To give it to them too, send the definition again with "backfill": true in this field.`
