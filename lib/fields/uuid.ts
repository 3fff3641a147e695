// Field type `uuid`: any UUID, kept in lower case.
import type { Field } from './field.ts'
import type { FieldType, Format } from './field-type.ts'
import { COMPARABLE } from './operators.ts'
import { given, MAX_LENGTH } from './options.ts'

interface UuidField extends Field {
  max_length?: number
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const format: Format = {
  name: 'uuid',
  test: (text) => UUID.test(text),
  expects: 'a UUID such as 0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a',
}

/** JSON Schema, keys and filters of every type whose stored form is one UUID. */
export const oneUuid = {
  operators: () => COMPARABLE,
  jsonSchema: () => ({ type: 'string', format: format.name }),
  normalize: (value: unknown) => (value as string).toLowerCase(),
  sortKey: (value: unknown) => value as string,
  exactKey: (value: unknown) => value as string,
  parse: (text: string) => (format.test(text) ? text.toLowerCase() : undefined),
}

export const uuidType: FieldType<UuidField> = {
  ...oneUuid,
  name: 'uuid',
  aliases: [],
  summary: 'A UUID, kept in lower case.',
  options: MAX_LENGTH,
  format,
  jsonSchema: ({ max_length }) => ({ ...oneUuid.jsonSchema(), ...given({ maxLength: max_length }) }),
  example: () => '0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a',
}
