// A field of an entity definition, and the JSON Schema type used throughout.

/** A JSON Schema 2020-12 node. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** A key under which earlier forms of a field's values are kept. */
export interface FormerKey {
  key: string
  /** Whether they have rows in `link`. */
  linked?: true
}

/** The common members of all fields; a type's own options are members beside them, as in the API. */
export interface Field {
  /** The name the API uses; a rename changes only this. */
  name: string
  /** The immutable key in `record.data`: the first name, or another when that one was used before. */
  key: string
  /** The canonical type name, never an accepted spelling of it. */
  type: string
  /**
   * Where the values stood before their form changed, the last key first: those of records whose field has not been written
   * since are still there, so that the change can be taken back exactly. A write of the field removes them.
   */
  from?: FormerKey[]
  required?: boolean
  /** Whether values may not occur twice, compared exactly (true, 'exact') or without case. */
  unique?: boolean | 'ci' | 'exact'
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
