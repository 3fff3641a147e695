// An entity definition as sent (POST and PUT /schemas): read by a closed grammar into what revise.ts stores.
// Refuses with errors.invalidDefinition and every violation, in words that tell what is allowed.

import type { EntityDefinition } from '../../entities/entity.ts'
import { MAX_INDEXED, type UniqueFields } from '../../entities/slots.ts'
import type { Violation } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import { listed } from '../../fields/expectation.ts'
import type { Field } from '../../fields/field.ts'
import { findUnstorable } from '../../fields/unstorable.ts'
import { below, violation } from '../../fields/violation.ts'
import { type ConvertByField, readConvert } from '../conversion/convert-options.ts'
import { checkEntityName } from './names.ts'
import { checkDefaults } from './read-defaults.ts'
import { isObject, readFields } from './read-field.ts'
import { checkUnique, readUnique } from './read-unique.ts'

const MAX_LABEL = 200

const MAX_DESCRIPTION = 5000

const GIVEN = ['entity_name', 'label', 'description', 'fields', 'unique']

/** What only a change may say, and what answers add: PUT takes that back and has no use for it. */
const ECHOED = ['version', 'created_at', 'updated_at', 'warnings', 'convert']

/** A definition that satisfies every rule. A field's key is its name until revise.ts decides. */
export interface ParsedDefinition {
  name: string
  label: string | null
  description: string | null
  fields: Field[]
  /** The constraints that `unique` lists; that of a single field stands on the field. */
  unique: UniqueFields[]
  /** Former names of fields, by their names: a field that is called so now is renamed. */
  was: ReadonlyMap<string, readonly string[]>
  /** Keys of existing or dropped fields, by the names that they are to have; wins over `was`. */
  keys?: ReadonlyMap<string, string>
  /** How values of fields are taken over, by the fields' names; absent: by the table alone. */
  convert?: ConvertByField
  /** Names of the fields whose default existing records are to get. */
  backfill: ReadonlySet<string>
}

export interface DefinitionContext {
  /** The first path segments of the real routes: no entity may be called so. */
  segments: ReadonlySet<string>
  /**
   * The entity that is replaced: the definition may repeat its name or leave it out, and its fields keep names that have
   * been reserved since.
   */
  current?: Pick<EntityDefinition, 'fields'> & { name: string }
}

type Members = Record<string, unknown>

/** Reads a definition; throws errors.invalidDefinition. */
export function parseDefinition(body: unknown, context: DefinitionContext): ParsedDefinition {
  const unstorable = findUnstorable(body)
  if (unstorable.length > 0) throw errors.invalidDefinition(unstorable)
  if (!isObject(body)) throw errors.invalidDefinition([violation('type', 'must be an object')])
  const inUse = new Set(context.current?.fields.map(({ name }) => name))
  const { value: fields, violations } = readFields(
    body.fields,
    { role: 'top', depth: -1, seen: { fields: 0 }, inUse },
    'top',
  )
  const { convert, violations: unconvertible } =
    context.current === undefined ? readConvert(undefined, []) : readConvert(body.convert, fields)
  const found = [
    ...checkMembers(body, context),
    ...checkName(body.entity_name, context),
    ...checkText(body, 'label', MAX_LABEL),
    ...checkText(body, 'description', MAX_DESCRIPTION),
    ...checkFields(body.fields, fields, violations),
    ...(violations.length > 0 ? [] : checkUnique(body.unique ?? undefined, fields)),
    ...(violations.length > 0 ? [] : checkFormerNames(fields)),
    ...(violations.length > 0 ? [] : unconvertible),
  ]
  if (found.length > 0) throw errors.invalidDefinition(found)
  return {
    name: (body.entity_name ?? context.current?.name) as string,
    label: (body.label as string | undefined) ?? null,
    description: (body.description as string | undefined) ?? null,
    fields: fields.map(({ backfill: _b, was: _w, ...field }) => field as Field),
    was: new Map(
      fields.flatMap(({ name, was }) => (was === undefined ? [] : [[name, [was].flat() as string[]]])),
    ),
    unique: readUnique(body.unique),
    ...(convert.size === 0 ? {} : { convert }),
    backfill: new Set(fields.filter(({ backfill }) => backfill === true).map(({ name }) => name)),
  }
}

function checkMembers(body: Members, { current }: DefinitionContext): Violation[] {
  const allowed = current === undefined ? GIVEN : [...GIVEN, ...ECHOED]
  const unknown = Object.keys(body).filter((name) => !allowed.includes(name))
  const message = `is not part of an entity definition; parts: ${GIVEN.join(', ')}`
  return unknown.flatMap((name) => below(name, [violation('additionalProperties', message)]))
}

function checkName(name: unknown, { current, segments }: DefinitionContext): Violation[] {
  if (current === undefined) {
    return below(
      'entity_name',
      name == null ? [violation('required', 'is required')] : checkEntityName(name, segments),
    )
  }
  if (name == null || name === current.name) return []
  return [
    violation(
      'const',
      `must be ${current.name}, the entity that is replaced, or be left out`,
      '/entity_name',
    ),
  ]
}

function checkText(body: Members, member: string, longest: number): Violation[] {
  const text = body[member]
  if (text == null || (typeof text === 'string' && text.length <= longest)) return []
  return [violation('type', `must be a string of at most ${longest} characters, or null`, `/${member}`)]
}

function checkFields(raw: unknown, fields: readonly Field[], violations: Violation[]): Violation[] {
  if (!Array.isArray(raw)) return [violation('type', 'must be a list of field definitions', '/fields')]
  return below('fields', [
    ...violations,
    ...checkIndexed(fields),
    ...checkDefaults(withoutBroken(fields, violations)),
  ])
}

/** The fields in their places; one that is refused as it is has no default to be checked. */
function withoutBroken(fields: readonly Field[], violations: readonly Violation[]): readonly Field[] {
  const broken = new Set(violations.map(({ pointer }) => pointer.split('/')[1]))
  return fields.map((field, at) =>
    broken.has(String(at)) ? { name: field.name, key: field.key, type: 'json' } : field,
  )
}

/** A former name can lead to one field only. */
function checkFormerNames(fields: readonly Field[]): Violation[] {
  const seen = new Set<string>()
  return fields.flatMap(({ was }, at) => {
    const repeated = [was ?? []].flat().find((name) => seen.has(name as string))
    for (const name of [was ?? []].flat()) seen.add(name as string)
    if (repeated === undefined) return []
    return [violation('duplicate', `names ${repeated}, as another field does`, `/fields/${at}/was`)]
  })
}

function checkIndexed(fields: readonly Field[]): Violation[] {
  const indexed = fields.filter((field) => field.indexed === true)
  if (indexed.length <= MAX_INDEXED) return []
  const names = listed(indexed.map(({ name }) => name))
  return [violation('limit', `may be indexed at most ${MAX_INDEXED} times; indexed are ${names}`)]
}
