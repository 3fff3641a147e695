// The `unique` member of a definition: lists of field names whose values together must not occur twice.

import { canonical, MAX_CONSTRAINTS, type UniqueFields } from '../../entities/slots.ts'
import type { Violation } from '../../errors/problem.ts'
import { listed } from '../../fields/expectation.ts'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import { below, violation } from '../../fields/violation.ts'
import { isObject } from './read-field.ts'

type Members = Record<string, unknown>

const MAX_PARTS = 16

/** What is wrong with the unique constraints, single fields' `unique: true` counted; pointers start at the definition. */
export function checkUnique(raw: unknown, fields: readonly Field[]): Violation[] {
  const single = fields.filter((field) => field.unique)
  if (raw !== undefined && !Array.isArray(raw)) {
    return [violation('type', 'must be a list of lists of field names', '/unique')]
  }
  const lists: unknown[] = raw ?? []
  const count = single.length + lists.length
  if (count > MAX_CONSTRAINTS) return [tooMany(count)]
  const found = lists.flatMap((one, at) => below('unique', below(at, checkConstraint(one, fields))))
  if (found.length > 0) return found
  const sets = [...single.map(({ name }) => [name]), ...readUnique(lists).map((one) => one.fields)].map(
    canonical,
  )
  const repeated = sets.findLastIndex((set, at) => sets.indexOf(set) < at)
  if (repeated >= 0) found.push(violation('duplicate', 'names one constraint twice', '/unique'))
  return found
}

/** The constraints of a valid `unique`: a list of names stands for an object of which it is the `fields`. */
export function readUnique(raw: unknown): UniqueFields[] {
  const lists = (raw ?? []) as (string[] | { fields: string[]; nulls?: unknown; compare?: unknown })[]
  return lists.map((one) => {
    if (Array.isArray(one)) return { fields: one }
    const { fields, nulls, compare } = one
    return {
      fields,
      ...(nulls === 'equal' ? { nulls } : {}),
      ...(compare === 'ci' ? { compare } : {}),
    }
  })
}

const PARTS = ['fields', 'nulls', 'compare']

function checkConstraint(raw: unknown, fields: readonly Field[]): Violation[] {
  if (!isObject(raw)) return checkNames(raw, fields)
  const unknown = Object.keys(raw).filter((name) => !PARTS.includes(name))
  const nulls = [undefined, null, 'equal', 'distinct'].includes(raw.nulls as string)
  const names = checkNames(raw.fields, fields)
  return [
    ...unknown.flatMap((name) =>
      below(name, [
        violation('additionalProperties', `is not part of a unique constraint; parts: ${PARTS.join(', ')}`),
      ]),
    ),
    ...(nulls
      ? []
      : [violation('enum', 'must be "equal" (two nulls are one value) or "distinct"', '/nulls')]),
    ...(names.length > 0 ? [] : below('compare', checkComparison(raw, fields))),
    ...below('fields', names),
  ]
}

function checkComparison({ compare, fields: names }: Members, fields: readonly Field[]): Violation[] {
  if (compare === undefined || compare === null || compare === 'exact') return []
  if (compare !== 'ci') return [violation('enum', 'must be "ci" (texts without case) or "exact"')]
  const isText = fields.some(
    ({ name, type }) => (names as string[]).includes(name) && typeOf(type).caselessKey !== undefined,
  )
  return isText ? [] : [violation('unique', 'cannot be "ci": none of the fields is a text')]
}

function checkNames(names: unknown, fields: readonly Field[]): Violation[] {
  if (!Array.isArray(names) || names.length === 0 || names.length > MAX_PARTS) {
    return [violation('type', `must be a list of 1 to ${MAX_PARTS} field names`)]
  }
  const found = names.flatMap((name: unknown, at) => below(at, checkPart(name, fields)))
  return new Set(names).size < names.length
    ? [...found, violation('duplicate', 'names a field twice')]
    : found
}

function checkPart(name: unknown, fields: readonly Field[]): Violation[] {
  const field = fields.find((one) => one.name === name)
  if (field === undefined) {
    return [violation('unknown', `is not a field; fields: ${listed(fields.map((one) => one.name))}`)]
  }
  const type = typeOf(field.type)
  const exact = type.exactKey !== undefined && type.element?.(field) === undefined
  return exact
    ? []
    : [violation('unique', `cannot be part of a unique constraint: ${field.name} has no exact key`)]
}

function tooMany(count: number): Violation {
  const message = `has ${count} unique constraints with single fields counted; at most ${MAX_CONSTRAINTS} are possible`
  return violation('limit', message, '/unique')
}
