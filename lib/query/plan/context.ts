// Plan: what the plan stage knows beside the query. Pure lookups only, no database.

import type { Entity, SystemField } from '../../entities/entity.ts'
import type { Field } from '../../fields/field.ts'
import type { Condition } from './condition.ts'

/** What the caller may see. A field that is not readable is unknown, whatever the spelling. */
export interface Access {
  readable(field: Field, entity: Entity): boolean
  /** The system fields that are not readable; absent: all are. */
  hidden?(entity: Entity): readonly SystemField[]
  /** What every record of the entity must meet for this caller; it may use unreadable fields. */
  rowFilter?(entity: Entity): Condition | undefined
}

/** The addresses of files in an answer. */
export interface FileUrls {
  /** What stands before and after the file's id. */
  before: string
  after: string
  /** Appends HMAC-SHA-256 of the id in hexadecimal: the key XORed with the pads of RFC 2104, in hexadecimal. */
  signing?: { inner: string; outer: string }
}

export const UNSIGNED_URLS: FileUrls = { before: '/files/', after: '/content' }

export interface PlanContext extends Access {
  entity: Entity
  /** What the parameters of an embedded level begin with, `course.teacher.`; absent at the root. */
  level?: string
  /** Whether the level is one related record of another. */
  single?: boolean
  /** An entity of the same tenant that the caller may read. */
  lookup(name: string): Entity | undefined
  /** All of them: where join entities are looked for when two entities are not related directly. */
  entities?(): Iterable<Entity>
  /** Page size without `limit`, and the largest that a client may ask for; 0 where no list is planned. */
  defaultLimit: number
  maxLimit: number
  /** Absent: those that need a token. */
  fileUrls?: FileUrls | undefined
}
