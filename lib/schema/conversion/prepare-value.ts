// One value of a field that is being prepared: in its new form, or why it has none. Pure.
import type { PendingField } from '../../entities/entity.ts'
import { hasOwnKey } from '../../entities/pending.ts'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import type { ConvertOptions } from './convert-options.ts'
import { convertValue, type Lookups, misfitOf, type Verdict } from './convert-value.ts'

/** What stands in the place of a value. */
export interface Prepared {
  /** null: nothing. */
  value: unknown
  /** Why the value does not fit; absent: it does, or what becomes of it is decided. */
  misfit?: string
}

/** The reason of a value whose record has to be looked up, which the background job does. */
export const LOOKUP = 'its record is still to be looked up'

const isRelation = (field: Field) => (typeOf(field.type).element?.(field) ?? field).type === 'relation'

/** Whether values are found in the records of another entity. */
export function needsLookup({ from, to }: PendingField): boolean {
  return from !== undefined && hasOwnKey({ from, to }) && isRelation(from) !== isRelation(to)
}

/**
 * @param source the value of the field in force; null or undefined: unset
 * @param lookups what needsLookup asks for, where it is known
 */
export function prepareValue(field: PendingField, source: unknown, lookups?: Lookups): Prepared {
  if (source == null) return missing(field)
  if (needsLookup(field) && lookups === undefined) return { value: null, misfit: LOOKUP }
  const verdict = verdictOf(field, source, lookups)
  if ('misfit' in verdict) return instead(field, verdict.misfit.message)
  return verdict.value === null ? missing(field) : { value: verdict.value }
}

function verdictOf({ from, to, options = {} }: PendingField, source: unknown, lookups?: Lookups): Verdict {
  if (from !== undefined && from.key !== to.key)
    return convertValue(source, { from, to, options: options as ConvertOptions, lookups })
  const misfit = misfitOf(source, to)
  return misfit === undefined ? { value: source } : { misfit }
}

/** Of a record without a value. */
function missing({ to, backfill }: PendingField): Prepared {
  if (to.default !== undefined && (to.required || backfill)) return { value: to.default }
  return to.required ? { value: null, misfit: 'is required' } : { value: null }
}

/** Of a record whose value does not fit. */
function instead({ to, options }: PendingField, reason: string): Prepared {
  const { otherwise } = (options ?? {}) as ConvertOptions
  if (otherwise === 'default') return { value: to.default ?? null }
  return otherwise === 'null' ? { value: null } : { value: null, misfit: reason }
}
