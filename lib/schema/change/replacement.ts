// A change of a definition: what is asked, what it is made of, and what has come of it.
import type { AuditActor } from '../../audit/audit-store.ts'
import type { TenantDb } from '../../db/statement.ts'
import type { TenantDirectory } from '../../db/tenant-directory.ts'
import type { Awaited } from '../../db/while-awaited.ts'
import type { Entity } from '../../entities/entity.ts'
import type { LookupSource } from '../conversion/lookup-store.ts'
import type { ParsedDefinition } from '../definition/parse-definition.ts'
import type { Grace } from './aliases.ts'
import type { RecordRewrite } from './revise.ts'

export interface Replacement extends Awaited {
  tenantId: string
  /** The entity's name, present or former. */
  name: string
  /** The definition as it is to be, from the one in force; its name may be another. */
  revise: (current: Entity) => ParsedDefinition
  /** For how long former names go on working. */
  grace: Grace
  /** What the audit log calls it. */
  action: 'schema.change' | 'schema.rename' | 'schema.rollback'
  /** Versions that If-Match accepts; undefined: any. */
  versions: readonly number[] | undefined
  /** For the audit log; absent: the server itself. */
  actor?: AuditActor
  /** The plan that is carried out; absent: none is named. */
  planId?: string | undefined
}

/** What a definition is replaced with; the server itself has this shape. */
export interface ReplaceContext {
  db: Pick<TenantDb, 'transaction'>
  directory: Pick<TenantDirectory, 'tenantById'>
}

export interface Replaced {
  /** The next version, in force on every instance. */
  entity: Entity
  /** What the change does to existing records that its author may not expect. */
  warnings: string[]
  /** The id of a change that is being prepared; then the entity is as it was. */
  begun?: string
}

export interface Plan {
  parsed: ParsedDefinition
  current: Entity
  next: Entity
  work: RecordRewrite
  /** Where values of relations are looked up. */
  lookups: ReadonlyMap<string, LookupSource>
}
