// What entities and fields may be called. Refused are names that the URL or the query grammar already gives a meaning,
// the columns of every record, and the properties that every JavaScript object inherits.
import { ENTITY_NAME, SYSTEM_FIELDS } from '../../entities/entity.ts'
import type { Violation } from '../../errors/problem.ts'
import { violation } from '../../fields/violation.ts'

const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_]{0,62}$/

const GRAMMAR_WORDS = [
  ...['select', 'columns', 'on_conflict', 'order', 'limit', 'offset', 'cursor'],
  ...['and', 'or', 'not', 'q', 'explain', 'as_of', 'having'],
]

const INHERITED = Object.getOwnPropertyNames(Object.prototype)

const ENTITY_WORDS = [
  ...['auth', 'schemas', 'files', 'docs', 'health', 'metrics', 'tenants', 'audit', 'admin', 'api', 'rpc'],
  ...['rest', 'users', 'roles', 'realtime', 'webhooks', 'static', 'storage', 'functions', 'mcp', 'console'],
  ...['graphql', 'batch', 'search', 'oauth', 'sse', 'ws', 'changes', 'hooks', 'jobs', 'views'],
]

/** Names that no entity has ever had; of the other words here an entity may be older than the rule. */
export const NEVER_ENTITIES = new Set([
  ...['auth', 'schemas', 'files', 'docs', 'health', 'metrics', 'tenants', 'audit', 'admin', 'api', 'rpc'],
  ...['rest', 'users', 'roles', 'realtime', 'webhooks', 'static'],
])

const reservedFields = new Set<string>([...SYSTEM_FIELDS, ...GRAMMAR_WORDS, ...INHERITED])

const reservedNested = new Set<string>(INHERITED)

const reservedEntities = new Set<string>([...reservedFields, ...ENTITY_WORDS])

/**
 * What is wrong with an entity's name, if anything.
 *
 * @param segments the first path segments of the real routes
 */
export function checkEntityName(name: unknown, segments: ReadonlySet<string>): Violation[] {
  const rule = 'must start with a-z and have at most 63 characters of a-z, 0-9 and _'
  if (typeof name !== 'string' || !ENTITY_NAME.test(name)) return [violation('pattern', rule)]
  return reservedEntities.has(name) || segments.has(name) ? [reserved(name)] : []
}

/** What is wrong with a field's name, if anything; inside an object only inherited names are refused. */
export function checkFieldName(name: unknown, nested: boolean): Violation[] {
  const rule = 'must start with a letter and have at most 63 characters of A-Z, a-z, 0-9 and _'
  if (typeof name !== 'string' || !FIELD_NAME.test(name)) return [violation('pattern', rule)]
  return (nested ? reservedNested : reservedFields).has(name) ? [reserved(name)] : []
}

function reserved(name: string): Violation {
  return violation('reserved', `is a reserved name (${name}); choose another`)
}
