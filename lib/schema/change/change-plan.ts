// What a change makes of a definition, and asks of the records.
import type { Entity } from '../../entities/entity.ts'
import type { LookupSource } from '../conversion/lookup-store.ts'
import type { ParsedDefinition } from '../definition/parse-definition.ts'
import type { RecordRewrite } from './revise.ts'

/** Records up to which a change is made in one transaction, with writers locked out: in about half a second. */
export const INLINE_RECORDS = 5000

export interface ChangePlan {
  parsed: ParsedDefinition
  /** The entity in force, and as it is to be. */
  current: Entity
  next: Entity
  work: RecordRewrite
  /** Where values of relations are looked up, by the new keys of their fields. */
  lookups: ReadonlyMap<string, LookupSource>
}

/** Whether values that do not convert are to be listed, as the job that prepares a change does. */
export function quarantines({ work }: Pick<ChangePlan, 'work'>): boolean {
  return [...work.conversions.values()].some(({ options }) => options.otherwise === 'quarantine')
}
