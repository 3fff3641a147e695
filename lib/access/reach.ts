// What of an entity is within a caller's reach at all: for lists of entities and their documentation.
import type { Policy } from './policy.ts'

/** Whether the caller may do anything at all with the entity. */
export function isClosed({ read, create }: Policy): boolean {
  return read === false && create === false
}

/** The methods by which the caller may reach some record, or make one. */
export function allowedMethods({
  read,
  create,
  updateUsing: change,
  delete: remove,
}: Policy): ReadonlySet<string> {
  const rows = { get: read, post: create, put: change, patch: change, delete: remove }
  return new Set(Object.entries(rows).flatMap(([method, some]) => (some === false ? [] : [method])))
}
