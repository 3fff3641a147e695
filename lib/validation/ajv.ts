// The validator: Ajv for JSON Schema 2020-12, set up for bodies. Nothing is coerced, removed or filled in; inherited
// properties do not count; all violations are reported; patterns run on RE2; formats are those of the field types.
// An Ajv keeps every schema it has compiled, so schemas chosen at run time each get an instance of their own.
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Violation } from '../errors/problem.ts'
import type { JsonSchema } from '../fields/field.ts'
import { formats } from '../fields/index.ts'
import { compilePattern } from '../fields/pattern.ts'
import { RULE, toViolations } from './violations.ts'

/** Validates a value; an empty list means valid. Throws errors.patternTooCostly when a pattern would take too long. */
export type Validate = (value: unknown) => Violation[]

export interface Validator {
  /** Compiles a trusted schema; `noun` is the word for an unknown property in refusals, `field` by default. */
  compile(schema: JsonSchema, noun?: string): Validate
}

export interface AjvOptions {
  /** Coerces numbers and booleans from text: for the parameters of a URL, never for a body. */
  coerceTypes?: boolean
}

/** RE2 in place of JavaScript's regular expressions; Ajv uses `code` for standalone modules only. */
const regExp = Object.assign((pattern: string) => compilePattern(pattern), { code: 'compilePattern' })

/**
 * `enum` of scalars by a set. Ajv's own writes a comparison for each value into the code that it compiles: 490 fields of 190
 * values took more than a second.
 */
const ENUM = {
  keyword: 'enum',
  schemaType: 'array',
  compile: (values: readonly unknown[]) => {
    const allowed = new Set(values)
    return (value: unknown) => allowed.has(value)
  },
} as const

/** A new Ajv instance. Its schemas are trusted: tenants send definitions in a closed grammar, never JSON Schema. */
export function createAjv({ coerceTypes = false }: AjvOptions = {}): Ajv2020 {
  const ajv = new Ajv2020({
    coerceTypes,
    removeAdditional: false,
    useDefaults: false,
    ownProperties: true,
    allErrors: true,
    // Messages are made from the schema that a value violates.
    verbose: true,
    multipleOfPrecision: 9,
    strict: true,
    allowUnionTypes: true,
    // Compiling the meta-schema would cost ten times as much as one of these schemas.
    meta: false,
    validateSchema: false,
    code: { regExp },
  })
  for (const { name, test } of formats) ajv.addFormat(name, test)
  // An annotation for forms, which every string satisfies.
  ajv.addFormat('password', true)
  ajv.addKeyword(RULE)
  ajv.removeKeyword('enum')
  ajv.addKeyword(ENUM)
  return ajv
}

/** A validator whose compiled schemas live as long as it does. */
export function createValidator(options?: AjvOptions): Validator {
  const ajv = createAjv(options)
  return {
    compile(schema, noun) {
      const validate = ajv.compile(schema)
      return (value) => (validate(value) ? [] : toViolations(validate.errors ?? [], noun))
    },
  }
}
