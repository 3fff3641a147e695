// Field type `object`: an object with fields of its own, described in the same grammar. Nested fields are stored by name.

import { describeField, nullable } from './describe.ts'
import type { Field, JsonSchema } from './field.ts'
import type { FieldType, LinkTarget, TypeLookup } from './field-type.ts'
import { DOCUMENT } from './operators.ts'
import { parseDocument } from './parse-document.ts'
import { below } from './violation.ts'

interface ObjectField extends Field {
  fields: Field[]
}

type Members = Record<string, unknown>

/** The type `object`, over the table of all types. */
export function objectType(typeOf: TypeLookup): FieldType<ObjectField> {
  return {
    name: 'object',
    aliases: [],
    summary: 'An object with fields of its own.',
    options: {
      fields: { type: 'array', minItems: 1, maxItems: 500, description: 'The fields of the object' },
    },
    requiredOptions: ['fields'],
    nested: { fields: 'fields' },
    operators: () => DOCUMENT,
    jsonSchema: (field) => schemaOf(field, typeOf),
    verify: (value, field) =>
      setMembers(value, field).flatMap(([inner, member]) =>
        below(inner.name, typeOf(inner.type).verify?.(member, inner) ?? []),
      ),
    normalize: (value, field) => normalizeMembers(value as Members, field, typeOf),
    parse: parseDocument,
    links: (value, field): LinkTarget[] =>
      setMembers(value, field).flatMap(([inner, member]) => typeOf(inner.type).links?.(member, inner) ?? []),
    targets: ({ fields }) => fields.flatMap((inner) => typeOf(inner.type).targets?.(inner) ?? []),
  }
}

function schemaOf({ name, fields }: ObjectField, typeOf: TypeLookup): JsonSchema {
  const property = (field: Field): [string, JsonSchema] => {
    const schema = describeField(field, typeOf(field.type))
    return [field.name, field.required ? schema : nullable(schema)]
  }
  const required = fields.filter((field) => field.required && field.default === undefined)
  return {
    type: 'object',
    title: name,
    properties: Object.fromEntries(fields.map(property)),
    required: required.map((field) => field.name),
    additionalProperties: false,
  }
}

/** The nested fields that have a value, with it. */
function setMembers(value: unknown, { fields }: ObjectField): [Field, unknown][] {
  const members = value as Members
  return fields.flatMap((field): [Field, unknown][] => {
    const member = Object.hasOwn(members, field.name) ? members[field.name] : null
    return member === null ? [] : [[field, member]]
  })
}

/** Canonical members in the order of the definition; a nested default fills a gap. */
function normalizeMembers(value: Members, { fields }: ObjectField, typeOf: TypeLookup): Members {
  const members = fields.flatMap((field): [string, unknown][] => {
    const member = Object.hasOwn(value, field.name) ? value[field.name] : field.default
    if (member === undefined) return []
    const { normalize } = typeOf(field.type)
    return [[field.name, member === null || !normalize ? member : normalize(member, field)]]
  })
  return Object.fromEntries(members)
}
