// Converts filters of other query languages that hold one comparison to this grammar: `(name,eq,a)`, `{"name":{"_eq":"a"}}`,
// `name eq 'a'`, `name~"a"`, `name:a`. A filter of several is left alone: half of it would match other records.
import { suffixOperator } from './foreign-operators.ts'

const SIGN = '[<>=!~:?]+'

const IN_WORDS = new RegExp(`^([\\p{L}_$][\\w$.]*)(?:\\s+([a-zA-Z_]+)\\s+|\\s*(${SIGN})\\s*)(.+)$`, 'su')

/** A value in quotes, or a bare one without anything that could go on. */
const VALUE = /^(?:'([^']*)'|"([^"]*)"|([^\s'"(){}&|,;]+))$/

const IN_BRACKETS = /^\(([^(),]+),([^(),]+)(?:,([^(),]*))?\)$/

/** `contains(name,'a')`, `equals(name,"a")`. */
const AS_FUNCTION = /^([a-zA-Z_]+)\(\s*([\p{L}_$][\w$.]*)\s*,\s*(.+?)\s*\)$/su

const LONGEST = 500

type Comparison = readonly [field: string, operator: string, value: string]

/** The spellings of the comparison; none where the text is no single one. */
export function comparisonSpellings(text: string): string[] {
  const found = text.length > LONGEST ? undefined : comparisonIn(text.trim())
  if (found === undefined) return []
  const [field, operator, value] = found
  return suffixOperator(operator)?.suggest(field, value) ?? []
}

function comparisonIn(text: string): Comparison | undefined {
  if (text.startsWith('{')) return inJson(text)
  const [, field, operator, value] = IN_BRACKETS.exec(text) ?? []
  if (field !== undefined) return [field.trim(), operator?.trim() ?? '', value ?? '']
  const [, name, of, compared = ''] = AS_FUNCTION.exec(text) ?? []
  if (of !== undefined) return withValue(of, name, compared)
  return inWords(/^\(([^()]*)\)$/s.exec(text)?.[1]?.trim() ?? text)
}

function inWords(text: string): Comparison | undefined {
  const [, field, word, sign, rest = ''] = IN_WORDS.exec(text) ?? []
  return withValue(field, word ?? sign?.replace(/^\?/, '').replace(/^:/, '='), rest.trim())
}

function withValue(field = '', operator = '', text = ''): Comparison | undefined {
  const [found, single, double, bare] = VALUE.exec(text) ?? []
  return found === undefined ? undefined : [field, operator, single ?? double ?? bare ?? '']
}

function inJson(text: string): Comparison | undefined {
  const [field, inner] = onlyMember(parsed(text)) ?? []
  if (field === undefined) return undefined
  const [operator = '', value] = onlyMember(inner) ?? ['=', inner]
  return typeof value === 'object' && value !== null ? undefined : [field, operator, String(value)]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function onlyMember(value: unknown): [string, unknown] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const [member, ...others] = Object.entries(value)
  return others.length === 0 ? member : undefined
}
