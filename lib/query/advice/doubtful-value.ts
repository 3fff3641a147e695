// Recognizes filters whose value is probably no value: an operator, a remainder of another syntax, or a text that was cut.
import { suffixOperator } from './foreign-operators.ts'
import { isOperatorCall } from './operator-call.ts'
import { LONGEST_VALUE } from './spelling.ts'

const OPERATOR = String.raw`(not\.)?(eq|neq|gte?|lte?|i?like|in|isdistinct|cs|cd|ov)(\((?:any|all)\))?\.`

const FILTER = new RegExp(`^[^=]+=(${OPERATOR})(.*)$`, 's')

const IN_GROUP = new RegExp(String.raw`\.(?=${OPERATOR})`)

const GROUP = /^(?:not\.)?(?:and|or)=\((.*)\)$/s

/** What those operators leave out is little: a value that was misread selects nearly every record. */
const WIDE: ReadonlySet<string> = new Set(['neq', 'isdistinct', 'gt', 'gte', 'lt', 'lte', 'cd'])

/** Text without signs that other syntaxes may have left in it. */
const PLAIN = /^[-+]?[\p{L}\p{N}](?:[^"'`(){}[\]<>=!~|&,;*%]*[^\s"'`(){}[\]<>=!~|&,;*%])?$/u

/** Whether the value of a filter, or of one within a group, may be something else. */
export function isDoubtful(filter: string): boolean {
  const [, inner] = GROUP.exec(filter) ?? []
  if (inner !== undefined) return inner.split(',').some((part) => isDoubtful(part.replace(IN_GROUP, '=')))
  const [, written = '', not, operator = '', quantifier, value = ''] = FILTER.exec(filter) ?? []
  if (operator === '') return false
  const text = decodeURIComponent(value)
  if (written.length + text.length >= LONGEST_VALUE) return true
  const isWide = not !== undefined || WIDE.has(operator)
  const isList = quantifier !== undefined || /^(?:in|c[sd]|ov)$/.test(operator)
  const values = isList ? text.replace(/^[({]|[)}]$/g, '').split(',') : [text]
  return values.some((one) =>
    isDoubtfulValue(operator.endsWith('like') ? withoutWildcards(one) : one, isWide),
  )
}

function isDoubtfulValue(value: string, isWide: boolean): boolean {
  if (isOperatorCall(value)) return true
  const [word = ''] = value.split(/\s/, 1)
  return isWide && (!PLAIN.test(value) || suffixOperator(word) !== undefined)
}

const withoutWildcards = (pattern: string) => pattern.replace(/\\(.)|[*%]/gs, '$1')
