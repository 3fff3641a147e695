// One value of a field that is being prepared: in its new form, or why it has none. Pure.
import type { PendingField } from '../../entities/entity.ts'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import type { Lookups } from './convert-value.ts'
import type { FieldConversion } from './field-conversion.ts'
import { misfitOf } from './field-fit.ts'
import { type Settled, settleRevived, settleValue } from './settle-value.ts'

/** What stands in the place of a value. */
export interface Prepared {
  /** null: nothing. */
  value: unknown
  /** Why the value is listed as a misfit; absent: it fits, or what becomes of it needs no list. */
  misfit?: string
}

/** What is known of a record beside the value. */
export interface Known {
  /** The value under the new key, where that was the field's before. */
  kept?: unknown
  /** What needsLookup asks for. */
  lookups?: Lookups | undefined
}

/** The reason of a value whose record has to be looked up, which the background job does. */
export const LOOKUP = 'its record is still to be looked up'

const isRelation = (field: Field) => (typeOf(field.type).element?.(field) ?? field).type === 'relation'

/** Whether values are found in the records of another entity. */
export function needsLookup({ from, to }: PendingField): boolean {
  return from !== undefined && from.key !== to.key && isRelation(from) !== isRelation(to)
}

/** @param source the value of the field in force; null or undefined: unset */
export function prepareValue(field: PendingField, source: unknown, known: Known = {}): Prepared {
  if (source != null && needsLookup(field) && known.lookups === undefined)
    return { value: null, misfit: LOOKUP }
  const { value, misfit, refused } = settle(field, source, known)
  const isListed = refused || conversionOf(field).options.otherwise === 'quarantine'
  return { value: value ?? null, ...(misfit && isListed ? { misfit: misfit.message } : {}) }
}

function settle(field: PendingField, source: unknown, { kept, lookups }: Known): Settled {
  const conversion = conversionOf(field)
  if (field.from?.key !== field.to.key) return settleRevived(kept, source, conversion, lookups)
  if (source == null) return settleValue(source, conversion)
  const misfit = misfitOf(source, field.to)
  return misfit === undefined ? { value: source } : { value: source, misfit, refused: true }
}

/** A field that is new has no values to be converted. */
function conversionOf({ from, to, options = {}, ...rest }: PendingField): FieldConversion {
  return { ...rest, from: from ?? to, to, options }
}
