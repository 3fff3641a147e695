// A change of a definition as it is handed from the plan to whoever carries it out: inline, in one transaction, or in the
// background beside live traffic. A plain object; JSON can hold all of it but maps and sets.
import type { Entity } from '../../entities/entity.ts'
import type { RecordRewrite } from '../change/revise.ts'

export type { Conversions, FieldConversion } from './field-conversion.ts'

export interface PlannedChange {
  /** The entity in force, which the plan was made for. */
  current: Entity
  /** As it will be: definition with new keys, constraints and slots; the version is still that of `current`. */
  next: Entity
  /**
   * What it asks of the records: `conversions` by the new keys of the fields whose stored form changes, and `fields` and
   * `constraints` that are looked at in place, under keys that stay.
   */
  work: RecordRewrite
  /** The plan that is carried out; undefined: none was named. */
  planId: string | undefined
}
