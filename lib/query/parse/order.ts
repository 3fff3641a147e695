// Parse: `order=a.desc.nullslast,meta->>b,course(name)`.

import { Problem } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import type { OrderTerm } from '../ast.ts'
import { MAX_ORDER } from '../limits.ts'
import { parseFieldPath } from './field-path.ts'
import { Scanner } from './scanner.ts'
import { UnreadParameter } from './unread.ts'

/**
 * The keys of an order by precedence; none for an empty text. errors.malformedQuery, as UnreadParameter, since the text may be an
 * order of another query language: `-name`, `name:desc`.
 */
export function parseOrder(text: string): OrderTerm[] {
  try {
    return parseTerms(text)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw new UnreadParameter({ parameter: 'order', value: text }, error.message, error.extras.hint)
  }
}

function parseTerms(text: string): OrderTerm[] {
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
  const { relation, field } = parseTarget(scanner)
  const descending = scanner.take('.desc')
  if (!descending) scanner.take('.asc')
  const nulls = scanner.take('.nullsfirst') ? 'first' : scanner.take('.nullslast') ? 'last' : undefined
  if (!scanner.done && !/[,\s]/.test(scanner.text[scanner.at] as string))
    scanner.fail('".asc", ".desc", ".nullsfirst" or ".nullslast"')
  return {
    ...(relation === undefined ? {} : { relation }),
    field,
    descending,
    ...(nulls === undefined ? {} : { nulls }),
  }
}

function parseTarget(scanner: Scanner): Pick<OrderTerm, 'relation' | 'field'> {
  // A bare name may have a "-" but begins with none.
  if (scanner.peek('-')) scanner.fail('a name')
  const field = parseFieldPath(scanner)
  if (field.path.length > 0 || !scanner.take('(')) return { field }
  const inner = parseFieldPath(scanner)
  scanner.expect(')')
  return { relation: field.name, field: inner }
}
