// What the rest of the program means by an entity: the definition as it is stored, and the entity around it.
import type { Field } from '../fields/field.ts'

/** The entity id under which every tenant's files are records. */
export const FILES = 0

/** A unique constraint over one to several fields (their keys), kept in slot uN of the record table. */
export interface UniqueConstraint {
  keys: string[]
  slot: number
}

/** The definition as stored in `entity.definition`. */
export interface EntityDefinition {
  label: string | null
  description: string | null
  fields: Field[]
  /** Single-field (`unique: true`) and composite constraints alike, each with its slot. */
  constraints: UniqueConstraint[]
  /** Index slots: field key -> N of kN. Only what is ready for reading may be used by a query. */
  slots: Record<string, { slot: number; ready: boolean }>
  /** Every key that a dropped field has used: never given out again. */
  retiredKeys: string[]
}

/** An entity of one tenant at one version. */
export interface Entity extends EntityDefinition {
  tenantId: string
  id: number
  name: string
  version: number
  /** ISO 8601, UTC. */
  createdAt: string
  updatedAt: string
  /** What shapeOf makes of it, where somebody has. */
  shape?: string
}

/** The columns every record has beside its fields, in the order of a record's JSON after the fields. */
export const SYSTEM_FIELDS = ['id', 'created_at', 'updated_at', 'created_by', 'updated_by'] as const

export const ENTITY_NAME = /^[a-z][a-z0-9_]{0,62}$/
