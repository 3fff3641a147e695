// One field definition as sent: what is wrong with it, and the field as it will be stored (canonical type, no nulls).
// Definitions nested in it (items of an array, fields of an object) are read the same way, five containers deep.

import type { Violation } from '../../errors/problem.ts'
import { listed } from '../../fields/expectation.ts'
import type { Field } from '../../fields/field.ts'
import type { FieldType } from '../../fields/field-type.ts'
import { fieldTypes, findType } from '../../fields/index.ts'
import { trimmed } from '../../fields/trim.ts'
import { below, violation } from '../../fields/violation.ts'
import { checkGrammar, type Role } from './field-grammar.ts'
import { checkFieldName } from './names.ts'

/** Most fields of an entity, those inside objects counted. */
export const MAX_FIELDS = 500

const MAX_DEPTH = 5

const MAX_UI_SIZE = 20_000

/** Where a definition stands: its role, how many containers are around it, how many fields have been seen. */
export interface Place {
  role: Role
  depth: number
  seen: { fields: number }
  /** Names of the entity's own fields that exist already. */
  inUse: ReadonlySet<string>
}

export interface ReadField {
  field: Field
  violations: Violation[]
}

type Members = Record<string, unknown>

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads one field; its violations point from the field. */
function readField(raw: unknown, place: Place): ReadField {
  if (!isObject(raw)) return refused(raw, [violation('type', 'must be an object: a field definition')])
  const given = withoutNulls(raw)
  const names =
    place.role === 'item' || (place.role === 'top' && place.inUse.has(nameOf(given)))
      ? []
      : below('name', checkFieldName(given.name, place.role === 'member'))
  const type = typeof given.type === 'string' ? findType(given.type) : undefined
  if (type === undefined) return refused(given, [...names, unknownType(given)])
  const grammar = checkGrammar(
    type,
    place.role,
  )(given).filter(({ keyword, pointer }) => pointer !== '/name' || keyword === 'additionalProperties')
  const { field, violations: inner } = readNested(given, type, place)
  const isSound = grammar.length + inner.length === 0
  const rules = isSound ? checkRules(field, type, place) : []
  // As the same value of a record would be.
  if (isSound && field.default !== undefined) field.default = trimmed(field, field.default)
  return { field, violations: [...names, ...grammar, ...inner, ...rules] }
}

function refused(raw: unknown, violations: Violation[]): ReadField {
  const name = isObject(raw) ? nameOf(raw) : ''
  return { field: { name, key: name, type: 'json' }, violations }
}

const nameOf = ({ name }: Members): string => (typeof name === 'string' ? name : '')

/** An option that is null is one that is not given. */
function withoutNulls(raw: Members): Members {
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== null))
}

function unknownType({ type }: Members): Violation {
  const spellings = fieldTypes.flatMap(({ aliases }) => aliases)
  const allowed = `types: ${listed(fieldTypes.map(({ name }) => name))}; also ${listed(spellings)}`
  return violation(
    'type',
    type === undefined ? `is required; ${allowed}` : `is not a field type; ${allowed}`,
    '/type',
  )
}

/** The field with its nested definitions read. */
function readNested(given: Members, type: FieldType, place: Place): ReadField {
  const name = place.role === 'item' ? 'items' : nameOf(given)
  const field: Field = { ...given, name, key: name, type: type.name }
  let violations: Violation[] = []
  for (const [option, kind] of Object.entries(type.nested ?? {})) {
    if (place.depth >= MAX_DEPTH) return { field, violations: [tooDeep()] }
    const inner =
      kind === 'field' ? readItems(given[option], place) : readFields(given[option], place, 'member')
    field[option] = inner.value
    violations = violations.concat(below(option, inner.violations))
  }
  return { field, violations }
}

function readItems(raw: unknown, place: Place): { value: unknown; violations: Violation[] } {
  if (!isObject(raw)) return { value: raw, violations: [] }
  const { field, violations } = readField(raw, { ...place, role: 'item', depth: place.depth + 1 })
  return { value: field, violations }
}

/** Reads a list of fields; two of one name are refused. What is no list is left to the grammar. */
export function readFields(
  raw: unknown,
  { depth, seen, inUse }: Place,
  role: Role,
): { value: Field[]; violations: Violation[] } {
  if (!Array.isArray(raw)) return { value: [], violations: [] }
  seen.fields += raw.length
  if (seen.fields > MAX_FIELDS) return { value: [], violations: [tooMany()] }
  const read = raw.map((one: unknown) => readField(one, { role, depth: depth + 1, seen, inUse }))
  const names = new Set<string>()
  const repeated = read.flatMap(({ field: { name } }, at) => {
    if (name === '' || !names.has(name)) return names.add(name) && []
    return [violation('duplicate', `is the name of another field (${name})`, `/${at}/name`)]
  })
  const violations = [...read.flatMap((one, at) => below(at, one.violations)), ...repeated]
  return { value: read.map(({ field }) => field), violations }
}

function tooMany(): Violation {
  return violation('limit', `must be at most ${MAX_FIELDS} in one entity, those inside objects counted`)
}

function tooDeep(): Violation {
  return violation('depth', `is nested deeper than ${MAX_DEPTH} objects and arrays`)
}

/** Rules between the options of a field that satisfies its grammar. */
function checkRules(field: Field, type: FieldType, { role }: Place): Violation[] {
  const list = type.element?.(field) !== undefined
  const found = type.check?.(field, role !== 'top') ?? []
  const one = list ? `a list (${type.name})` : type.name
  if (field.unique && (list || type.exactKey === undefined)) {
    found.push(violation('unique', `is not possible on ${one}: it has no exact key`, '/unique'))
  }
  if (field.indexed && (list || type.sortKey === undefined)) {
    found.push(violation('indexed', `is not possible on ${one}: it has no order`, '/indexed'))
  }
  if (field.backfill === true && field.default === undefined) {
    found.push(violation('backfill', 'needs a default, which existing records are to get', '/backfill'))
  }
  if (field.ui !== undefined && JSON.stringify(field.ui).length > MAX_UI_SIZE) {
    found.push(violation('max_size', `must have at most ${MAX_UI_SIZE} characters as JSON`, '/ui'))
  }
  return found
}
