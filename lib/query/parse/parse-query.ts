// Parse: the whole query string of a list -> Query. Knows the grammar and no entity; every refusal is a 400.
import { errors } from '../../errors.ts'
import type { FilterNode, LogicNode, Query } from '../ast.ts'
import { MAX_CONDITIONS } from '../limits.ts'
import { parseFieldPath } from './field-path.ts'
import { parseFilter, parseLogic } from './filter.ts'
import { parseOrder } from './order.ts'
import { type Pair, parsePairs } from './query-string.ts'
import { Scanner } from './scanner.ts'
import { parseSelect } from './select.ts'

const logicKeys: ReadonlySet<string> = new Set(['and', 'or', 'not.and', 'not.or'])

type Setting = (query: Query, value: string) => unknown

const settings = new Map<string, Setting>([
  ['select', (query, value) => Object.assign(query, { select: parseSelect(value) })],
  ['order', (query, value) => Object.assign(query, { order: parseOrder(value) })],
  ['limit', (query, value) => Object.assign(query, { limit: parseWhole('limit', value) })],
  ['offset', (query, value) => Object.assign(query, { offset: parseWhole('offset', value) })],
  ['cursor', (query, value) => Object.assign(query, { cursor: value })],
])

/**
 * Parses the query string of a list.
 *
 * @param search the text after `?`, undecoded
 */
export function parseQuery(search: string): Query {
  const query: Query = { select: [{ kind: 'all' }], where: [], order: [] }
  const seen = new Set<string>()
  for (const pair of parsePairs(search)) applyPair(query, seen, pair)
  if (countConditions(query.where) > MAX_CONDITIONS)
    throw errors.malformedQuery(`A query may hold at most ${MAX_CONDITIONS} conditions.`)
  return query
}

function applyPair(query: Query, seen: Set<string>, [key, value]: Pair): void {
  const set = settings.get(key)
  if (set === undefined) {
    query.where.push(logicKeys.has(key) ? parseLogic(key, value) : parseCondition(key, value))
    return
  }
  if (seen.has(key)) throw errors.malformedQuery(`${key} is given twice.`)
  seen.add(key)
  set(query, value)
}

function parseCondition(key: string, value: string): FilterNode {
  const scanner = new Scanner(key, 'parameter')
  const field = parseFieldPath(scanner)
  if (!scanner.done) scanner.fail('the end')
  return parseFilter(field, value)
}

/** A count such as `limit`; errors.malformedQuery. */
export function parseWhole(name: string, value: string): number {
  if (!/^\d{1,30}$/.test(value))
    throw errors.malformedQuery(`${name} must be a whole number >= 0, not "${value.slice(0, 80)}".`)
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER)
}

function countConditions(nodes: readonly FilterNode[]): number {
  let count = 0
  for (const node of nodes)
    count += node.kind === 'condition' ? 1 : 1 + countConditions((node as LogicNode).nodes)
  return count
}
