// A change of a definition: what is asked, what has a say in it, and what has come of it.
import type { AuditActor } from '../../audit/audit-store.ts'
import type { TenantDb } from '../../db/statement.ts'
import type { TenantDirectory } from '../../db/tenant-directory.ts'
import type { Awaited } from '../../db/while-awaited.ts'
import type { Entity } from '../../entities/entity.ts'
import type { ParsedDefinition } from '../definition/parse-definition.ts'
import type { Survey } from '../survey/survey-store.ts'
import type { Grace } from './aliases.ts'
import type { ChangePlan } from './change-plan.ts'

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
  /** What has to agree before the change is made; absent: nothing. */
  guard?: Guard
}

/** Has a say in a change, by refusing it. */
export interface Guard {
  /** The plan that is carried out; undefined: none was named. */
  planId?: string | undefined
  /** Before the records are looked at. */
  before(plan: ChangePlan): Promise<void>
  /** After the first look; undefined: there is nothing to look at. */
  after(plan: ChangePlan, survey: Survey | undefined): Promise<void>
  /** With writers locked out. @param losses records that lose something, by the new keys of the fields */
  confirm(plan: ChangePlan, losses: ReadonlyMap<string, number>): void
}

/** What a definition is replaced with; the server itself has this shape. */
export interface ReplaceContext {
  db: Pick<TenantDb, 'transaction' | 'stream'>
  directory: Pick<TenantDirectory, 'tenantById'>
}

export interface Replaced {
  /** The next version, in force on every instance. */
  entity: Entity
  /** What the change does to existing records that its author may not expect. */
  warnings: string[]
  /** The plan of a change that is being prepared; then the entity is as it was. */
  begun?: string
}
