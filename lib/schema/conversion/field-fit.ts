// Whether a value fits a field, and if so its stored form there. Pure.
import type { Violation } from '../../errors/problem.ts'
import type { Field, JsonSchema } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import { trimmed } from '../../fields/trim.ts'
import { createValidator, type Validate } from '../../validation/ajv.ts'
import { isCertainlyValid } from '../../validation/fast-check.ts'

/** Why a value does not convert; the message continues the field's name. */
export interface Misfit {
  keyword: string
  message: string
}

/** The new stored value, null: unset; `lossy` when something of the old one is lost by it. Or a misfit. */
export type Verdict = { value: unknown; lossy?: true } | { misfit: Misfit }

/** Why a stored value may not stay as it is in a field; undefined: it may. */
export function misfitOf(value: unknown, field: Field): Misfit | undefined {
  return firstOf(violationsOf(value, field))
}

/** The first of a value's violations as the reason why it does not fit. */
export function firstOf([first]: readonly Violation[]): Misfit | undefined {
  return first && { keyword: first.keyword, message: messageOf(first) }
}

const messageOf = ({ pointer, message }: Violation) => (pointer === '' ? message : `${pointer} ${message}`)

interface Check {
  schema: JsonSchema
  /** Compiled with the first value that is in doubt. */
  validate?: Validate
}

/** Memo: the check of each field. */
const checks = new WeakMap<Field, Check>()

function checkOf(field: Field): Check {
  const known = checks.get(field) ?? { schema: typeOf(field.type).jsonSchema(field) }
  checks.set(field, known)
  return known
}

/** Everything that a value violates in a field; pointers relative to it. */
export function violationsOf(value: unknown, field: Field): Violation[] {
  const check = checkOf(field)
  if (!isCertainlyValid(check.schema, value)) {
    check.validate ??= createValidator().compile(check.schema)
    const found = check.validate(value)
    if (found.length > 0) return found
  }
  return typeOf(field.type).verify?.(value, field) ?? []
}

/** The value in the field's stored form, if it is valid as it is. */
export function accepted(given: unknown, field: Field, lossy?: boolean): Verdict {
  const value = trimmed(field, given)
  const found = misfitOf(value, field)
  if (found !== undefined) return { misfit: found }
  const stored = typeOf(field.type).normalize?.(value, field) ?? value
  return lossy ? { value: stored, lossy: true } : { value: stored }
}
