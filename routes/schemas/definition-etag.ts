// The entity tags of definitions and of the JSON Schemas made from them.
import type { Entity } from '../../lib/entities/entity.ts'

/**
 * The entity's version comes first, as in the tag of a record, so that If-Match reads both alike. Then its time of creation,
 * which distinguishes entities of one name: its id would reveal how many there are on the server.
 *
 * @param suffixes what else the representation depends on; empty ones are left out
 */
export function etagOf({ createdAt, version }: Entity, ...suffixes: string[]): string {
  const parts = [version, Date.parse(createdAt).toString(36), ...suffixes.filter((suffix) => suffix !== '')]
  return `"${parts.join('-')}"`
}
