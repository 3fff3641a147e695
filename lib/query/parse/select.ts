// Parse: `select=*,a,alias:b,meta->>c`.
import { errors } from '../../errors.ts'
import type { SelectItem } from '../ast.ts'
import { MAX_SELECT } from '../limits.ts'
import { parseFieldPath } from './field-path.ts'
import { Scanner } from './scanner.ts'

/** The output columns in the order they were written; an empty text is everything. */
export function parseSelect(text: string): SelectItem[] {
  const scanner = new Scanner(text, 'select')
  scanner.skipSpaces()
  if (scanner.done) return [{ kind: 'all' }]
  const items: SelectItem[] = []
  do {
    scanner.skipSpaces()
    items.push(parseItem(scanner))
    if (items.length > MAX_SELECT) throw errors.malformedQuery(`select takes at most ${MAX_SELECT} items.`)
    scanner.skipSpaces()
  } while (scanner.take(','))
  if (!scanner.done) scanner.fail('"," or the end')
  return items
}

function parseItem(scanner: Scanner): SelectItem {
  if (scanner.take('*')) return { kind: 'all' }
  const alias = parseAlias(scanner)
  const field = parseFieldPath(scanner)
  if (scanner.peek('::')) throw errors.malformedQuery('select: casts are not supported.', 'Leave out "::".')
  return { kind: 'field', field, ...(alias === undefined ? {} : { alias }) }
}

function parseAlias(scanner: Scanner): string | undefined {
  const start = scanner.at
  const alias = scanner.name()
  if (scanner.peek(':') && !scanner.peek('::')) {
    scanner.take(':')
    return alias
  }
  scanner.at = start
  return undefined
}
