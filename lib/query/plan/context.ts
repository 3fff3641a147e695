// Plan: the input of the plan stage beside the query, as pure lookups without the database.

import type { Entity, SystemField } from '../../entities/entity.ts'
import type { Field } from '../../fields/field.ts'
import type { Condition } from './condition.ts'

/** The caller's permission to read. An unreadable field is unknown, in any spelling. */
export interface Access {
  readable(field: Field, entity: Entity): boolean
  /** The system fields that are not readable; absent: all are. */
  hidden?(entity: Entity): readonly SystemField[]
  /** The caller's row filter for the entity; it may use unreadable fields. */
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
  /** The prefix of the parameters of an embedded level, `course.teacher.`; absent at the root. */
  level?: string
  /** Whether the level is one related record of another. */
  single?: boolean
  /** An entity of the same tenant that the caller may read. */
  lookup(name: string): Entity | undefined
  /** All such entities, among which join entities are found. */
  entities?(): Iterable<Entity>
  /** The page size without `limit`, and the maximum; 0 where no list is planned. */
  defaultLimit: number
  maxLimit: number
  /** Absent: those that need a token. */
  fileUrls?: FileUrls | undefined
}
