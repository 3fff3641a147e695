// Parse: the query string of a request -> Query, by the grammar alone, independent of any entity. Every refusal is a 400.

import { errors } from '../../errors.ts'
import { type FilterNode, type Level, newLevel, type Query } from '../ast.ts'
import { MAX_CONDITIONS, MAX_QUERY_LENGTH } from '../limits.ts'
import { parseFilter, parseLogic } from './filter.ts'
import { type Key, parseKey } from './key.ts'
import { parseColumns, parseNames } from './names.ts'
import { parseOrder } from './order.ts'
import { type Pair, parsePairs } from './query-string.ts'
import { parseSelect } from './select.ts'
import { UnreadParameter } from './unread.ts'

const logicWords: ReadonlySet<string> = new Set(['and', 'or', 'not.and', 'not.or'])

/** The settings of any level by the names of their parameters, each with its parser. */
const levelSettings = new Map<string, (value: string) => Partial<Level>>([
  ['order', (value) => ({ order: parseOrder(value) })],
  ['limit', (value) => ({ limit: parseWhole('limit', value) })],
  ['offset', (value) => ({ offset: parseWhole('offset', value) })],
])

const querySettings = new Map<string, (value: string) => Partial<Query>>([
  ...levelSettings,
  ['select', (value) => ({ select: parseSelect(value) })],
  ['cursor', (value) => ({ cursor: value })],
  ['columns', parseColumns],
  ['on_conflict', (value) => ({ onConflict: parseNames(value, 'on_conflict') })],
])

/**
 * Parses the query string of a request.
 *
 * @param search the text after `?`, undecoded
 * @param longest characters that it may have
 */
export function parseQuery(search: string, longest = MAX_QUERY_LENGTH): Query {
  const query: Query = { ...newLevel(), select: [{ kind: 'all' }], usesOthers: false }
  const seen = new Set<string>()
  for (const pair of parsePairs(search, longest)) applyPair(query, seen, pair)
  if (countConditions(query) > MAX_CONDITIONS)
    throw errors.malformedQuery(`A query may hold at most ${MAX_CONDITIONS} conditions.`)
  query.usesOthers = usesOtherEntities(query)
  return query
}

function usesOtherEntities({ select, order }: Query): boolean {
  return select.some(({ kind }) => kind === 'embed') || order.some(({ relation }) => relation !== undefined)
}

function applyPair(query: Query, seen: Set<string>, [name, value]: Pair): void {
  const key = parseKey(name, value)
  const level = levelAt(query, key.levels)
  const setting = (key.levels.length === 0 ? querySettings : levelSettings).get(key.word)
  if (setting === undefined) {
    level.where.push(parseNode(key, name, value))
    return
  }
  if (seen.has(name)) throw errors.malformedQuery(`${name} is given twice.`)
  seen.add(name)
  Object.assign(
    level,
    atLevel(key.levels, () => setting(value)),
  )
}

/** The result of `parse`; the parameter that it refuses is one of the level. */
function atLevel<T>(levels: readonly string[], parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw levels.length > 0 && error instanceof UnreadParameter ? error.at(levels) : error
  }
}

function parseNode({ levels, word, field }: Key, name: string, value: string): FilterNode {
  if (!logicWords.has(word)) return parseFilter(field, value, name)
  return atLevel(levels, () => parseLogic(word, value))
}

function levelAt(root: Level, names: readonly string[]): Level {
  let level = root
  for (const name of names) {
    const below = level.embedded.get(name) ?? newLevel()
    level.embedded.set(name, below)
    level = below
  }
  return level
}

function parseWhole(name: string, value: string): number {
  if (!/^\d{1,30}$/.test(value))
    throw errors.malformedQuery(`${name} must be a whole number >= 0, not "${value.slice(0, 80)}".`)
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER)
}

function countConditions(level: Level): number {
  const below = [...level.embedded.values()].map(countConditions)
  return below.reduce((sum, count) => sum + count, countNodes(level.where))
}

/** A tree counts as a condition, too, and `op(any)` as one for each of its values. */
function countNodes(nodes: readonly FilterNode[]): number {
  let count = 0
  for (const node of nodes) {
    if (node.kind === 'condition') count += node.quantifier === undefined ? 1 : node.value.length
    else count += 1 + ('nodes' in node ? countNodes(node.nodes) : 0)
  }
  return count
}
