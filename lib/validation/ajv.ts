// The validator: Ajv for JSON Schema 2020-12 with settings for bodies. Nothing is coerced, dropped or filled in, inherited
// properties do not count, every violation is found, patterns run on RE2 and formats are those of the field types.
// A fresh Ajv per entity version lets go of its schemas; one that is shared never does.
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Violation } from '../errors/problem.ts'
import type { JsonSchema } from '../fields/field.ts'
import { formats } from '../fields/index.ts'
import { compilePattern } from '../fields/pattern.ts'
import { RULE, toViolations } from './violations.ts'

/** Checks a value; no violations means valid. Throws errors.patternTooCostly when a pattern would take too long. */
export type Validate = (value: unknown) => Violation[]

export interface Validator {
  /** Compiles a schema of our own making; `noun` is what an unknown property is called in refusals. */
  compile(schema: JsonSchema, noun?: string): Validate
}

export interface AjvOptions {
  /** Reads numbers and booleans from text, for parameters of a URL; never for a body. */
  coerceTypes?: boolean
}

/** RE2 in the place of JavaScript's regular expressions; `code` would matter for generated modules only. */
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

/** A fresh Ajv. Its schemas are trusted: tenants send definitions in a closed grammar, never JSON Schema. */
export function createAjv({ coerceTypes = false }: AjvOptions = {}): Ajv2020 {
  const ajv = new Ajv2020({
    coerceTypes,
    removeAdditional: false,
    useDefaults: false,
    ownProperties: true,
    allErrors: true,
    // Violations are put in words from the schema that was broken.
    verbose: true,
    multipleOfPrecision: 9,
    strict: true,
    allowUnionTypes: true,
    // Compiling the meta-schema costs ten times as much as a schema of ours.
    meta: false,
    validateSchema: false,
    code: { regExp },
  })
  for (const { name, test } of formats) ajv.addFormat(name, test)
  // A hint for forms, which refuses nothing.
  ajv.addFormat('password', true)
  ajv.addKeyword(RULE)
  ajv.removeKeyword('enum')
  ajv.addKeyword(ENUM)
  return ajv
}

/** A validator that forgets its schemas when it is let go of. */
export function createValidator(options?: AjvOptions): Validator {
  const ajv = createAjv(options)
  return {
    compile(schema, noun) {
      const validate = ajv.compile(schema)
      return (value) => (validate(value) ? [] : toViolations(validate.errors ?? [], noun))
    },
  }
}
