// Plan: the keyset cursor, an opaque token with the order keys and the id of the last record of a page. It has a hash of its
// order; refuses a token of another order, and any text that is not a token.
import { createHash } from 'node:crypto'
import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import { parseDocument } from '../../fields/parse-document.ts'
import { isStorableText } from '../../fields/unstorable.ts'
import { type OrderKey, orderName } from './order.ts'
import { parseSystemValue } from './typed-value.ts'

/** Memo: the hash of a planned order, for the entity that it was last used with. */
const known = new WeakMap<readonly OrderKey[], { id: number; hash: string }>()

/** A hash of the entity and the order of a cursor. */
export function hashOrder(entity: Entity, order: readonly OrderKey[]): string {
  const { id } = entity
  const last = known.get(order)
  if (last?.id === id) return last.hash
  const hash = hashOf(entity, order)
  known.set(order, { id, hash })
  return hash
}

/** Hashes values that the caller knows: the entity's number would disclose the number of entities. */
function hashOf({ tenantId, name }: Entity, order: readonly OrderKey[]): string {
  const parts = order.map(({ column, descending, nullsFirst }) => [orderName(column), descending, nullsFirst])
  return createHash('sha256')
    .update(JSON.stringify([tenantId, name, parts]))
    .digest('base64url')
    .slice(0, 12)
}

/** The token for the record whose order keys (id last) are `keys`. */
export function encodeCursor(hash: string, keys: readonly string[]): string {
  return Buffer.from(JSON.stringify([hash, ...keys])).toString('base64url')
}

/** The order keys in a token; errors.malformedQuery for a token of another order, and for any other text. */
export function decodeCursor(token: string, hash: string, order: readonly OrderKey[]): string[] {
  const [madeFor, ...keys] = readToken(token)
  if (madeFor !== hash) throw errors.malformedQuery('cursor: it was made for another order or entity.')
  const valid = keys.length === order.length && order.every((key, i) => isKeyOf(key, keys[i] as string))
  if (!valid) throw malformed()
  return keys
}

function readToken(token: string): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString())
    if (Array.isArray(parts) && parts.every((part) => typeof part === 'string' && isStorableText(part)))
      return parts
  } catch {
    // Not JSON: refused below.
  }
  throw malformed()
}

function isKeyOf({ column }: OrderKey, key: string): boolean {
  if (column.kind === 'related' && column.column === null) return /^\d{1,15}$/.test(key)
  if (column.kind === 'json' && column.sqlType === 'jsonb') return parseDocument(key) !== undefined
  if (column.kind !== 'system' || column.name.endsWith('_by')) return true
  return parseSystemValue(column, key) !== undefined
}

const malformed = () => errors.malformedQuery('cursor: this is not one; take it from the Link header.')
