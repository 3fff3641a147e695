// The values of one field on their way from an old key to a new one.
import type { Field } from '../../fields/field.ts'
import type { ConvertOptions } from './convert-options.ts'

export interface FieldConversion {
  /** The field as it is in force, with the key that its values have now. */
  from: Field
  /** As it will be, with its new key; `to.from[0].key` is `from.key`. */
  to: Field
  options: ConvertOptions
  /**
   * Whether the new key has been the field's before (a rollback): where a record still has a value under it, that value is
   * right as it is, since a write of the field would have removed it.
   */
  revives?: true
  /** Whether records without a value get the new field's default, too; those of a required field always do. */
  backfill?: true
}

/** By the new key of the field. */
export type Conversions = ReadonlyMap<string, FieldConversion>

/** No field changes its form. */
export const NO_CONVERSIONS: Conversions = new Map([])
