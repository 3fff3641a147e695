// A change of a definition whose fields get new keys, as it is handed from the plan to whoever carries it out: inline, in one
// transaction, or in the background beside live traffic. A plain object; JSON can hold all of it but the maps.
import type { Entity } from '../../entities/entity.ts'
import type { Field } from '../../fields/field.ts'
import type { RecordRewrite } from '../change/revise.ts'
import type { ConvertOptions } from './convert-options.ts'

/** The values of one field on their way from an old key to a new one. */
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

export interface PlannedChange {
  /** The entity in force, which the plan was made for. */
  current: Entity
  /** As it will be: definition with new keys, constraints and slots; the version is still that of `current`. */
  next: Entity
  /** Fields whose stored form changes; every other field keeps its key. */
  conversions: Conversions
  /** What else of the records has to be looked at in place: fields that became stricter, constraints to be filled. */
  work: RecordRewrite
  /** The plan that is carried out; undefined: none was named. */
  planId: string | undefined
}
