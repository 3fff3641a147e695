// Parse: one filter, `field=[not.]op.value`, and the trees of `and=(..)`, `or=(..)`. Refuses a value without an operator.

import { errors } from '../../errors.ts'
import type { ConditionNode, FieldPath, FilterNode, LogicNode } from '../ast.ts'
import { MAX_DEPTH } from '../limits.ts'
import { parseFieldPath } from './field-path.ts'
import { isOperator, operatorList, takesQuantifier } from './operators.ts'
import { Scanner } from './scanner.ts'
import { UnreadParameter } from './unread.ts'
import { parseBraced, parseInnerValue, parseParenthesised, parseWholeValue } from './value.ts'

const operatorWord = /[a-z]+(?=\.|\((?:any|all)\)\.)/y

const logicWord = /(?:not\.)?(?:and|or)(?=\()/y

const isValues: ReadonlySet<string> = new Set(['null', 'not_null', 'true', 'false', 'unknown'])

type ValueParser = (scanner: Scanner) => string

/**
 * The filter of one pair of the query string.
 *
 * @param parameter the pair's name as it was written, for a refusal
 */
export function parseFilter(field: FieldPath, value: string, parameter: string): ConditionNode {
  const scanner = new Scanner(value, field.name)
  const condition = parseOperation(scanner, { field, parameter }, parseWholeValue)
  if (!scanner.done) scanner.fail('the end')
  return condition
}

/** The tree of `or=(a.eq.1,not.and(b.gt.2,c.is.null))`; `word` is `and`, `or`, `not.and` or `not.or`. */
export function parseLogic(word: string, value: string): LogicNode {
  const scanner = new Scanner(value, word)
  const tree = parseTree(scanner, word, 1)
  scanner.skipSpaces()
  if (!scanner.done) scanner.fail('the end')
  return tree
}

function parseTree(scanner: Scanner, word: string, depth: number): LogicNode {
  if (depth > MAX_DEPTH) throw errors.malformedQuery(`and/or may be nested at most ${MAX_DEPTH} levels deep.`)
  const kind = word.endsWith('and') ? 'and' : 'or'
  const nodes: FilterNode[] = []
  scanner.expect('(')
  scanner.skipSpaces()
  if (kind === 'or' && scanner.take(')')) return { kind, negated: word.startsWith('not.'), nodes }
  do {
    scanner.skipSpaces()
    nodes.push(parseNode(scanner, depth))
    scanner.skipSpaces()
  } while (scanner.take(','))
  scanner.expect(')')
  return { kind, negated: word.startsWith('not.'), nodes }
}

function parseNode(scanner: Scanner, depth: number): FilterNode {
  const word = scanner.match(logicWord)
  if (word !== undefined) return parseTree(scanner, word, depth + 1)
  const start = scanner.at
  const field = parseFieldPath(scanner)
  const parameter = scanner.text.slice(start, scanner.at)
  scanner.expect('.')
  return parseOperation(scanner, { field, parameter, grouped: true }, parseInnerValue)
}

/** The left-hand side of an operation, and how it was written. */
interface Subject {
  field: FieldPath
  parameter: string
  grouped?: boolean
}

function parseOperation(scanner: Scanner, subject: Subject, parseValue: ValueParser): ConditionNode {
  const { field } = subject
  const start = scanner.at
  const negated = scanner.take('not.')
  const operator = scanner.match(operatorWord) ?? ''
  if (!isOperator(operator)) {
    scanner.at = start
    throw noOperator(subject, parseValue(scanner))
  }
  const base = { kind: 'condition', field, negated, operator } as const
  if (operator === 'in') {
    scanner.expect('.')
    return { ...base, value: parseParenthesised(scanner) }
  }
  const quantifier = scanner.take('(any)') ? 'any' : scanner.take('(all)') ? 'all' : undefined
  scanner.expect('.')
  if (quantifier === undefined) return { ...base, value: checked(base, parseValue(scanner)) }
  if (!takesQuantifier(operator)) throw errors.malformedQuery(`${operator} does not take (${quantifier}).`)
  return { ...base, quantifier, value: parseBraced(scanner) }
}

function checked({ operator, field }: { operator: string; field: FieldPath }, value: string): string {
  if (operator !== 'is') return value
  const word = value.toLowerCase()
  if (isValues.has(word)) return word
  throw errors.malformedQuery(
    `${field.name}: is takes ${[...isValues].join(', ')}, not "${value.slice(0, 80)}".`,
  )
}

function noOperator({ parameter, grouped }: Subject, value: string): UnreadParameter {
  const detail = `${parameter.slice(0, 80)}: "${value.slice(0, 80)}" does not begin with an operator.`
  return new UnreadParameter({ parameter, value, grouped }, detail, `Operators: ${operatorList}`)
}
