// The model of an entity: its definition as stored, and the entity that carries it.
import type { Field } from '../fields/field.ts'

/** The reserved entity id under which every tenant's files are stored as records. */
export const FILES = 0

/** A unique constraint over one or more fields (by key), enforced by column uN of the record table. */
export interface UniqueConstraint {
  keys: string[]
  slot: number
  /** Whether texts that differ in case alone are one value; only of a single field. */
  ci?: true
  /** Whether unset values are equal; absent: a record with one never conflicts, as in SQL. */
  nulls?: 'equal'
}

/** A former name of a field, which requests may use until it ends. */
export interface FieldAlias {
  name: string
  key: string
  /** ISO 8601, UTC: when the field was renamed, and when the name ends. */
  since: string
  until: string
}

/** A field that is being prepared. */
export interface PendingField {
  /** As it is to be; its key is the present one where only the rules change. */
  to: Field
  /** As it is, with the key of the values that are converted; absent: records have none yet. */
  from?: Field
  /** How the values are converted, as a change says it. */
  options?: Readonly<Record<string, unknown>>
  /** Whether values that the records have under its key are right: a write of the field would have removed them. */
  revives?: true
  /** Whether records without a value get its default. */
  backfill?: true
}

/** What of a change the writers of records need. */
export interface PendingChange {
  /** The id of the plan that is carried out. */
  id: string
  fields: PendingField[]
  /** Those that the definition in force has not, in slots that it does not use. */
  constraints: UniqueConstraint[]
  /** Index slots of the new keys. */
  slots: EntityDefinition['slots']
}

/** The definition as stored in `entity.definition`. */
export interface EntityDefinition {
  label: string | null
  description: string | null
  fields: Field[]
  /** Single-field (`unique: true`) and composite constraints alike, each with its slot. */
  constraints: UniqueConstraint[]
  /**
   * Index slots: field key -> N of column kN. Queries may use a slot only when it is ready; one that is leaving is given up
   * when the keys in it have been copied to the records' `keys`.
   */
  slots: Record<string, { slot: number; ready: boolean; leaving?: true }>
  /** Keys of dropped fields, which are never reused. */
  retiredKeys: string[]
  /** Keys of dropped fields whose values are purged, or being purged; absent: there are none. */
  purgedKeys?: string[] | undefined
  /** Former names of fields that are in force; absent: there are none. */
  aliases?: FieldAlias[] | undefined
  /** Set when records have ids or times of another system, so that ids do not order as the records were created. */
  orderedByTime?: true | undefined
  /** Whether records may have sort keys of an earlier version; gone when all are derived again. */
  formerKeys?: true | undefined
  /** The change that is being prepared; absent: none. */
  pending?: PendingChange | undefined
  /** Whether earlier states of records are kept, and for how long (true: a year); absent: they are not. */
  history?: History | undefined
  /** Whether changes of records can be followed; absent: not. */
  feed?: true | undefined
}

/** For how long earlier states are kept. */
export const KEEPS = ['30d', '1y', 'forever'] as const

export type History = true | { keep: (typeof KEEPS)[number] }

/** An entity of one tenant at one version. */
export interface Entity extends EntityDefinition {
  tenantId: string
  id: number
  name: string
  version: number
  /** ISO 8601, UTC. */
  createdAt: string
  updatedAt: string
  /** The digest of readShapeOf, where it has been computed. */
  shape?: string
  /** The system fields that records do not show; absent: they show all. */
  hidden?: readonly SystemField[]
}

/** What of an entity is stored as its definition. */
export function definitionOf(entity: Entity): EntityDefinition {
  const { tenantId: _t, id: _i, name: _n, version: _v, createdAt: _c, updatedAt: _u, ...rest } = entity
  const { shape: _s, hidden: _h, ...definition } = rest
  return definition
}

/** The columns every record has besides its fields, in the order in which they follow the fields in a record's JSON. */
export const SYSTEM_FIELDS = ['id', 'created_at', 'updated_at', 'created_by', 'updated_by'] as const

export type SystemField = (typeof SYSTEM_FIELDS)[number]

/** Those that name persons: permissions show or hide them like fields of the entity. */
export const PERSON_FIELDS = ['created_by', 'updated_by'] as const satisfies SystemField[]

/** The system fields that records of the entity show. */
export function shownSystemFields({ hidden = [] }: Pick<Entity, 'hidden'>): SystemField[] {
  return SYSTEM_FIELDS.filter((name) => !hidden.includes(name))
}

export const ENTITY_NAME = /^[a-z][a-z0-9_]{0,62}$/
