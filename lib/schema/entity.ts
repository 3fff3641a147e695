// What the rest of the program means by an entity: the definition as it is stored, and the entity around it.

/** A JSON Schema 2020-12 node. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** What every field has, whatever its type; a type's own options sit beside these, flat, as in the API. */
export interface Field {
  /** The name the API uses; a rename changes only this. */
  name: string
  /** The immutable key in `record.data`: the first name, or another when that one was used before. */
  key: string
  /** The canonical type name, never an accepted spelling of it. */
  type: string
  required?: boolean
  unique?: boolean
  indexed?: boolean
  default?: unknown
  description?: string
  label?: string
  group?: string
  /** Hints for a user interface; the server keeps and returns them. */
  ui?: Record<string, unknown>
  /** The type's own options (min, pattern, values, entity, ...), checked by the type. */
  [option: string]: unknown
}

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
