// The defaults in a definition: each must be a value of its own field. All of them are checked by one validator.

import type { Violation } from '../../errors/problem.ts'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import { below } from '../../fields/violation.ts'
import { createValidator } from '../../validation/ajv.ts'

interface Default {
  /** Tokens of the pointer from the list of fields to the default. */
  path: (string | number)[]
  field: Field
}

/** What is wrong with the defaults of valid fields, at any depth; pointers start at the list of fields. */
export function checkDefaults(fields: readonly Field[]): Violation[] {
  const defaults = fields.flatMap((field, at) => defaultsOf(field, [at]))
  if (defaults.length === 0) return []
  const validate = createValidator().compile({
    type: 'object',
    properties: Object.fromEntries(
      defaults.map(({ field }, at) => [at, typeOf(field.type).jsonSchema(field)]),
    ),
  })
  const found = validate(Object.fromEntries(defaults.map(({ field }, at) => [at, field.default])))
  return defaults.flatMap(({ path, field }, at) => {
    const own = found.filter(({ pointer }) => pointer === `/${at}` || pointer.startsWith(`/${at}/`))
    const shape = own.map((one) => ({ ...one, pointer: one.pointer.slice(`/${at}`.length) }))
    const verify = () => typeOf(field.type).verify?.(field.default, field) ?? []
    return place(path, shape.length > 0 ? shape : verify())
  })
}

function place(path: readonly (string | number)[], violations: Violation[]): Violation[] {
  return path.reduceRight<Violation[]>((inner, token) => below(token, inner), violations)
}

function defaultsOf(field: Field, path: (string | number)[]): Default[] {
  const own = field.default === undefined ? [] : [{ path: [...path, 'default'], field }]
  return [...own, ...nestedOf(field).flatMap(([inner, below]) => defaultsOf(inner, [...path, ...below]))]
}

/** The definitions inside a field, with the path to each. */
export function nestedOf(field: Field): [Field, (string | number)[]][] {
  return Object.entries(typeOf(field.type).nested ?? {}).flatMap(
    ([option, kind]): [Field, (string | number)[]][] => {
      if (kind === 'field') return [[field[option] as Field, [option]]]
      return (field[option] as Field[]).map((inner, at) => [inner, [option, at]])
    },
  )
}
