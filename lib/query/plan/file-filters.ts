// The filters that files take.
import { operatorsOf } from './comparison.ts'
import { findFileColumn, IN_USE, IN_USE_OPERATORS } from './file-columns.ts'

/** An operator and a value for each name that a filter may use. */
export const FILE_EXAMPLES: Readonly<Record<string, string>> = {
  id: 'eq.01980000-0000-7000-8000-000000000000',
  filename: 'ilike.*report*',
  content_type: 'like.image/*',
  size: 'gt.1000',
  sha256: 'eq.9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  created_at: 'gte.2026-01-01',
  [IN_USE]: 'is.false',
}

/** The operators of a name; errors.unknownField, errors.malformedQuery for a path. */
export function fileOperators(parameter: string): readonly string[] {
  if (parameter === IN_USE) return IN_USE_OPERATORS
  const [name = '', ...path] = parameter.split('->')
  return operatorsOf(findFileColumn({ name, path, text: false }, Object.keys(FILE_EXAMPLES)))
}
