// The seal of a plan: digests of what it was made for, and the losses that it has told of. A change that names the plan has to
// be the same one, and may lose no more. Pure.
import { createHash } from 'node:crypto'
import type { ParsedDefinition } from '../definition/parse-definition.ts'

export interface Seal {
  /** Of the definition that is to be, with `convert`; or of what is to be purged. */
  candidate?: string
  /** Of the ids and versions of the entities that its relations lead to. */
  targets?: string
  /** Of the entity's permissions. */
  permissions?: string
  /** Records that lose something, by the name of the field. */
  losses?: Record<string, number>
}

/** SHA-256 of the canonical JSON of a value, in hexadecimal digits. */
export function digest(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}

/** JSON with the members of objects in the order of their names. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    const members = inner as Record<string, unknown>
    return Object.fromEntries(
      Object.keys(members)
        .sort()
        .map((name) => [name, members[name]]),
    )
  })
}

/** The digest of a definition as it was asked for. */
export function candidateOf({ was, keys, convert, backfill, ...definition }: ParsedDefinition): string {
  return digest({
    ...definition,
    was: Object.fromEntries(was),
    keys: Object.fromEntries(keys ?? []),
    convert: Object.fromEntries(convert ?? []),
    backfill: [...backfill].sort(),
  })
}

/** The digest of all that a plan depends on. */
export function hashOf(of: { tenantId: string; entityId: number; baseVersion: number; seal: Seal }): string {
  return digest(of)
}

/** What a change would lose beyond what the plan has told of, in words. */
export function furtherLosses(
  sealed: Readonly<Record<string, number>>,
  present: ReadonlyMap<string, number>,
): string[] {
  return [...present].flatMap(([field, count]) => {
    const told = Object.hasOwn(sealed, field) ? (sealed[field] ?? 0) : 0
    return count <= told
      ? []
      : [`${count} records would lose something of ${field}, and the plan says ${told}`]
  })
}
