// Values that the log has of fields whose form has changed since: brought into the present form. A change that was written under
// an earlier definition knows the field by the key that it had then. Pure.
import type { Entity, EntityDefinition } from '../entities/entity.ts'
import type { Field } from '../fields/field.ts'
import { convertValue } from '../schema/conversion/convert-value.ts'
import type { LoggedChange } from './fold.ts'

/** The definitions of earlier versions, as far as they are kept. */
export type FormerDefinitions = ReadonlyMap<number, Pick<EntityDefinition, 'fields'>>

/** Whether the log may have values of the entity in an earlier form. */
export const hasFormerKeys = ({ fields }: Pick<Entity, 'fields'>): boolean =>
  fields.some(({ from }) => from !== undefined)

/** The change with the values of changed fields under their present keys, too. */
export function inPresentForm(
  entity: Pick<Entity, 'fields'>,
  definitions: FormerDefinitions,
  change: LoggedChange,
): LoggedChange {
  const then = definitions.get(change.schema)
  const { was } = change
  if (was === null || then === undefined) return change
  const converted = entity.fields.flatMap((field) => {
    const former = formerField(field, then.fields)
    if (former === undefined || !Object.hasOwn(was, former.key)) return []
    return [[field.key, convert(was[former.key], former, field)] as const]
  })
  return converted.length === 0 ? change : { ...change, was: { ...was, ...Object.fromEntries(converted) } }
}

/** The field as it was under another key; undefined: it has its key already, or was not there. */
function formerField({ key, from }: Field, then: readonly Field[]): Field | undefined {
  if (from === undefined || then.some((field) => field.key === key)) return undefined
  return then.find((field) => from.some((former) => former.key === field.key))
}

/** What does not convert is unset, as it was when the form changed, if that was allowed. */
function convert(value: unknown, from: Field, to: Field): unknown {
  if (value == null) return null
  const verdict = convertValue(value, { from, to, options: {} })
  return 'misfit' in verdict ? null : verdict.value
}
