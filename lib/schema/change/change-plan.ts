// What a change makes of a definition, and asks of the records.
import type { Entity } from '../../entities/entity.ts'
import type { LookupSource } from '../conversion/lookup-store.ts'
import type { ParsedDefinition } from '../definition/parse-definition.ts'
import type { RecordRewrite } from './revise.ts'

export interface ChangePlan {
  parsed: ParsedDefinition
  /** The entity in force, and as it is to be. */
  current: Entity
  next: Entity
  work: RecordRewrite
  /** Where values of relations are looked up, by the new keys of their fields. */
  lookups: ReadonlyMap<string, LookupSource>
}
