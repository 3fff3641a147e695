// Plan: the output of the plan stage, for the root of a query and for each embedded entity alike.
import type { Entity } from '../../entities/entity.ts'
import type { AggregateName } from '../ast.ts'
import type { Condition, Related } from './condition.ts'
import type { FileUrls } from './context.ts'
import type { Operand } from './operand.ts'
import type { OrderKey } from './order.ts'

/** The records an operation may touch: the entity, the caller's row filter and what the client asked for. */
export interface Selection {
  entity: Entity
  where: Condition
}

export interface ColumnOutput {
  kind: 'column'
  name: string
  column: Operand
}

export interface AggregateOutput {
  kind: 'aggregate'
  name: string
  aggregate: AggregateName
  /** Absent: `count()` of records. */
  column?: Operand
}

export interface EmbedOutput {
  kind: 'embed'
  name: string
  embed: EmbedPlan
}

/**
 * The outputs of related records among those of this level; `names` are theirs. Of one record their values, of several the list
 * of the values of each.
 */
export interface SpreadOutput {
  kind: 'spread'
  names: string[]
  embed: EmbedPlan
}

/** A member of a file that is not stored. */
export type FileOutput =
  | { kind: 'file'; name: string; member: 'url'; urls: FileUrls }
  | { kind: 'file'; name: string; member: 'in_use' }

export type Output = ColumnOutput | EmbedOutput | FileOutput | SpreadOutput

export type GroupOutput = Output | AggregateOutput

/** An order of groups: by one of their outputs. */
export interface GroupOrderKey {
  output: number
  descending: boolean
  nullsFirst: boolean
}

/** One output record for each record. */
export interface RecordsPlan extends Selection {
  kind: 'records'
  outputs: Output[]
  order: OrderKey[]
}

/** One output record for all records that agree in the outputs that are no aggregates. */
export interface GroupsPlan extends Selection {
  kind: 'groups'
  outputs: GroupOutput[]
  order: GroupOrderKey[]
}

export type LevelPlan = RecordsPlan | GroupsPlan

export interface EmbedPlan {
  related: Related
  rows: LevelPlan
  /** Whether the records come in the order of the list of ids that leads to them, instead of that of `rows`. */
  inListOrder: boolean
  limit: number
  offset: number
}
