// Parse: the name of a parameter: a setting, a logic word or a field, of the root or of an embedded level.

import { errors } from '../../errors.ts'
import type { FieldPath } from '../ast.ts'
import { MAX_EMBED_DEPTH } from '../limits.ts'
import { parseFieldPath } from './field-path.ts'
import { Scanner } from './scanner.ts'
import { UnreadParameter } from './unread.ts'

export interface Key {
  /** The names of the embedded levels, from the root. */
  levels: string[]
  /** `order`, `or`, `not.and`, ...; or the first part of `field`. */
  word: string
  field: FieldPath
}

/** Parameters of other query languages: `filter[age]`, `age>`, `age!`. */
const FOREIGN = /^[\w$.]+(?:(?:\[[^\]]*\])+|\s*(?:[<>!~]|=~).*)$/s

/**
 * Parses `name`, `meta->>a`, `course.order`, `course.teacher.not.or`; errors.malformedQuery, for a parameter of another query
 * language as UnreadParameter with its value.
 */
export function parseKey(key: string, value: string): Key {
  if (FOREIGN.test(key))
    throw new UnreadParameter(
      { parameter: key, value },
      `"${key.slice(0, 80)}" is no parameter: a filter is field=operator.value.`,
    )
  const scanner = new Scanner(key, `parameter "${key.slice(0, 80)}"`)
  const levels: string[] = []
  let field = parseFieldPath(scanner)
  while (field.path.length === 0 && scanner.take('.')) {
    levels.push(field.name)
    field = parseFieldPath(scanner)
  }
  if (!scanner.done) scanner.fail('the end')
  const negated = levels.at(-1) === 'not' && isLogic(field.name)
  if (negated) levels.pop()
  if (levels.length > MAX_EMBED_DEPTH)
    throw errors.malformedQuery(`Parameters reach at most ${MAX_EMBED_DEPTH} levels deep.`)
  return { levels, word: negated ? `not.${field.name}` : field.path.length > 0 ? '' : field.name, field }
}

const isLogic = (word: string) => word === 'and' || word === 'or'
