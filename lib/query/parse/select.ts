// Parse: `select=*,a,alias:b,age::text,meta->>c,amount.sum(),course!inner(name,teacher(*))`.

import { errors } from '../../errors.ts'
import type { AggregateName, SelectEmbed, SelectItem } from '../ast.ts'
import { MAX_EMBED_DEPTH, MAX_EMBEDS, MAX_SELECT } from '../limits.ts'
import { parseFieldPath } from './field-path.ts'
import { Scanner } from './scanner.ts'

const aggregateWord = /(?:count|sum|avg|min|max)(?=\(\))/y

/** The outputs in the order they were written; an empty text is everything. */
export function parseSelect(text: string): SelectItem[] {
  const scanner = new Scanner(text, 'select')
  scanner.skipSpaces()
  if (scanner.done) return [{ kind: 'all' }]
  const items = parseItems(scanner, 0)
  if (!scanner.done) scanner.fail('"," or the end')
  if (countEmbeds(items) > MAX_EMBEDS)
    throw errors.malformedQuery(`select embeds at most ${MAX_EMBEDS} entities.`)
  return items
}

function parseItems(scanner: Scanner, depth: number): SelectItem[] {
  const items: SelectItem[] = []
  do {
    scanner.skipSpaces()
    const item = parseItem(scanner, depth)
    if (item.kind !== 'all' || !items.some(({ kind }) => kind === 'all')) items.push(item)
    if (items.length > MAX_SELECT) throw errors.malformedQuery(`select takes at most ${MAX_SELECT} items.`)
    scanner.skipSpaces()
  } while (scanner.take(','))
  return items
}

function parseItem(scanner: Scanner, depth: number): SelectItem {
  if (scanner.take('*')) return { kind: 'all' }
  if (scanner.take('...')) return parseEmbed(scanner, { name: scanner.name(), spread: true }, depth)
  const alias = parseAlias(scanner)
  const named = alias === undefined ? {} : { alias }
  const counted = parseAggregate(scanner)
  if (counted !== undefined) {
    return { kind: 'aggregate', aggregate: counted, ...named }
  }
  const field = parseFieldPath(scanner)
  if (parseCast(scanner)) return { kind: 'field', field, text: true, ...named }
  if (field.path.length === 0 && (scanner.peek('!') || scanner.peek('(')))
    return parseEmbed(scanner, { name: field.name, spread: false, ...named }, depth)
  if (!scanner.take('.')) return { kind: 'field', field, ...named }
  const aggregate = parseAggregate(scanner) ?? scanner.fail('count(), sum(), avg(), min() or max()')
  return { kind: 'aggregate', aggregate, field, ...named }
}

function parseAlias(scanner: Scanner): string | undefined {
  const start = scanner.at
  const alias = scanner.name()
  if (!scanner.peek('::') && scanner.take(':')) return alias
  scanner.at = start
  return undefined
}

function parseAggregate(scanner: Scanner): AggregateName | undefined {
  const word = scanner.match(aggregateWord)
  if (word === undefined) return undefined
  scanner.expect('()')
  if (scanner.peek('::')) throw errors.malformedQuery('select: aggregates are not cast.', 'Leave out "::".')
  return word as AggregateName
}

function parseEmbed(
  scanner: Scanner,
  head: Pick<SelectEmbed, 'name' | 'spread' | 'alias'>,
  depth: number,
): SelectEmbed {
  if (depth >= MAX_EMBED_DEPTH)
    throw errors.malformedQuery(`select embeds at most ${MAX_EMBED_DEPTH} levels deep.`)
  const embed: SelectEmbed = { kind: 'embed', ...head, inner: false, select: [] }
  while (scanner.take('!')) {
    // In quotes even `inner` is the name of a field or an entity.
    const isQuoted = scanner.peek('"')
    const word = scanner.name()
    if (isQuoted) embed.hint = word
    else if (word === 'inner') embed.inner = true
    else if (word !== 'left') embed.hint = word
  }
  scanner.expect('(')
  scanner.skipSpaces()
  if (!scanner.peek(')')) embed.select = parseItems(scanner, depth + 1)
  scanner.expect(')')
  return embed
}

/** Whether the cast follows, of which there is only one. */
function parseCast(scanner: Scanner): boolean {
  if (!scanner.take('::')) return false
  const type = scanner.name()
  if (type !== 'text')
    throw errors.malformedQuery(
      `select: "::${type.slice(0, 80)}" is not possible.`,
      'The only cast is ::text.',
    )
  return true
}

function countEmbeds(items: readonly SelectItem[]): number {
  return items.reduce((sum, item) => (item.kind === 'embed' ? sum + 1 + countEmbeds(item.select) : sum), 0)
}
