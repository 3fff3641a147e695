// Parse: `order=a.desc.nullslast,meta->>b`.
import { errors } from '../../errors.ts'
import type { OrderTerm } from '../ast.ts'
import { MAX_ORDER } from '../limits.ts'
import { parseFieldPath } from './field-path.ts'
import { Scanner } from './scanner.ts'

/** The keys of an order in the order of their weight; an empty text is no order. */
export function parseOrder(text: string): OrderTerm[] {
  const scanner = new Scanner(text, 'order')
  const terms: OrderTerm[] = []
  scanner.skipSpaces()
  while (!scanner.done) {
    terms.push(parseTerm(scanner))
    if (terms.length > MAX_ORDER) throw errors.malformedQuery(`order takes at most ${MAX_ORDER} fields.`)
    scanner.skipSpaces()
    if (scanner.done) break
    scanner.expect(',')
    scanner.skipSpaces()
    if (scanner.done) scanner.fail('a name')
  }
  return terms
}

function parseTerm(scanner: Scanner): OrderTerm {
  const field = parseFieldPath(scanner)
  const descending = scanner.take('.desc')
  if (!descending) scanner.take('.asc')
  const nulls = scanner.take('.nullsfirst') ? 'first' : scanner.take('.nullslast') ? 'last' : undefined
  if (!scanner.done && !/[,\s]/.test(scanner.text[scanner.at] as string))
    scanner.fail('".asc", ".desc", ".nullsfirst" or ".nullslast"')
  return { field, descending, ...(nulls === undefined ? {} : { nulls }) }
}
