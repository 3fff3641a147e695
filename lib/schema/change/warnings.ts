// What a change of a definition does to existing records that its author may not expect, in words. Pure.
import type { EntityDefinition } from '../../entities/entity.ts'
import type { Field } from '../../fields/field.ts'

interface RecordChanges {
  /** Keys of the fields whose default existing records have got. */
  backfill: ReadonlySet<string>
  /** Names of the fields whose stored values have lost white space. */
  trimmed: ReadonlySet<string>
}

/** A sentence for each surprise; empty for most changes. */
export function warningsOf(
  { current, next }: Record<'current' | 'next', Pick<EntityDefinition, 'fields'>>,
  { backfill, trimmed }: RecordChanges,
): string[] {
  const before = new Set(current.fields.map(({ key }) => key))
  // A field whose values have a new form is the same field under another key.
  const kept = new Set(
    next.fields.flatMap(({ key, from = [] }) => [key, ...from.map((former) => former.key)]),
  )
  const isEmpty = ({ key, from, ...field }: Field) =>
    !before.has(key) &&
    from === undefined &&
    field.default !== undefined &&
    !field.required &&
    !backfill.has(key)
  return [
    ...current.fields.filter(({ key }) => !kept.has(key)).map(({ name }) => droppedField(name)),
    ...next.fields.filter(isEmpty).map(({ name }) => emptyField(name)),
    ...[...trimmed].map(trimmedField),
  ]
}

const droppedField = (name: string) =>
  `${name} is dropped: its values are hidden, and a field of this name added later starts without them.`

const trimmedField = (name: string) =>
  `White space around values of ${name} has been taken away in existing records, as "trim" does in new ones.`

const emptyField = (name: string) =>
  `Existing records have null in ${name}: its default is for new ones. To give it to them too, send the definition again with "backfill": true in this field.`
