// What one record has under the new key of a field: the converted value, or what the change does with a value that does not
// convert, or with none. Pure.
import { convertValue, type Lookups } from './convert-value.ts'
import type { FieldConversion } from './field-conversion.ts'
import { type Misfit, misfitOf } from './field-fit.ts'

export interface Settled {
  /** The stored value under the new key; undefined: none. */
  value: unknown
  /** Set when something of the old value is lost to readers. */
  lossy?: true
  /** Why the old value, or its absence, does not fit. */
  misfit?: Misfit
  /** Whether the misfit stands in the way of the change (`otherwise: refuse`). */
  refused?: true
}

const REQUIRED: Misfit = { keyword: 'required', message: 'is required' }

/**
 * @param before as stored under the old key; undefined or null: unset
 * @param lookups of every value of a relation that is looked up
 */
export function settleValue(before: unknown, conversion: FieldConversion, lookups?: Lookups): Settled {
  if (before == null) return absent(conversion)
  const verdict = convertValue(before, lookups === undefined ? conversion : { ...conversion, lookups })
  if ('misfit' in verdict) return unfit(verdict.misfit, conversion)
  if (verdict.value === null) return { ...absent(conversion), ...(verdict.lossy ? { lossy: true } : {}) }
  return verdict
}

/** The stored form of the field's default; undefined: it has none. */
function defaultOf({ to }: FieldConversion): unknown {
  if (to.default === undefined) return undefined
  const verdict = convertValue(to.default, { from: to, to, options: {} })
  return 'value' in verdict ? verdict.value : undefined
}

function absent(conversion: FieldConversion): Settled {
  const { to, backfill } = conversion
  const value = to.required || backfill ? defaultOf(conversion) : undefined
  return to.required && value === undefined ? { value, misfit: REQUIRED, refused: true } : { value }
}

function unfit(misfit: Misfit, conversion: FieldConversion): Settled {
  const { otherwise = 'refuse' } = conversion.options
  if (otherwise === 'refuse') return { value: undefined, misfit, refused: true }
  const value = otherwise === 'default' ? defaultOf(conversion) : undefined
  return { value, misfit, lossy: true }
}

/** As settleValue, of a record that has a value under the new key already: that one is right, if it still satisfies the field. */
export function settleRevived(
  kept: unknown,
  before: unknown,
  conversion: FieldConversion,
  lookups?: Lookups,
): Settled {
  if (kept == null) return settleValue(before, conversion, lookups)
  return misfitOf(kept, conversion.to) === undefined
    ? { value: kept }
    : settleValue(before, conversion, lookups)
}
