// The common parts of the types `string` and `text`: options, JSON Schema, keys.

import type { Violation } from '../errors/problem.ts'
import { caseless } from './caseless.ts'
import type { Field } from './field.ts'
import type { FieldType } from './field-type.ts'
import { TEXTUAL } from './operators.ts'
import { checkRange, compareNumbers, count, given, MAX_LENGTH, TRIM } from './options.ts'
import { MAX_PATTERN_LENGTH, patternProblem } from './pattern.ts'
import { formerTextKey, textKey } from './text-key.ts'
import { isStorableText } from './unstorable.ts'
import { violation } from './violation.ts'

export interface TextField extends Field {
  min_length?: number
  max_length?: number
  pattern?: string
}

/** Keys and filters of every type whose stored form is a plain text. */
export const plainText = {
  operators: () => TEXTUAL,
  sortKey: (value: unknown) => textKey(value as string),
  formerKey: (value: unknown) => formerTextKey(value as string),
  exactKey: (value: unknown) => value as string,
  caselessKey: (value: unknown) => caseless(value as string),
  parse: (text: string) => (isStorableText(text) ? text : undefined),
}

export const textField: Omit<FieldType<TextField>, 'name' | 'aliases' | 'summary'> = {
  ...plainText,
  options: {
    min_length: count('Shortest text, in characters'),
    ...MAX_LENGTH,
    pattern: {
      type: 'string',
      minLength: 1,
      maxLength: MAX_PATTERN_LENGTH,
      description: 'Regular expression (RE2) that the text must match',
    },
    ...TRIM,
  },
  check: (field) => [
    ...checkRange(field, ['min_length', 'max_length'], compareNumbers),
    ...checkPattern(field),
  ],
  jsonSchema: (field) => ({
    type: 'string',
    ...given({ minLength: field.min_length, maxLength: field.max_length, pattern: field.pattern }),
  }),
}

function checkPattern({ pattern }: TextField): Violation[] {
  const problem = pattern === undefined ? undefined : patternProblem(pattern)
  return problem === undefined
    ? []
    : [violation('pattern', `must be a regular expression for RE2: ${problem}`, '/pattern')]
}
