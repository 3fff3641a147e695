// The pattern of a UUID, and the field type `uuid`: any UUID, kept in lower case.
import type { Field } from './field.ts'
import type { FieldType, Format } from './field-type.ts'
import { COMPARABLE } from './operators.ts'
import { given, MAX_LENGTH } from './options.ts'

interface UuidField extends Field {
  max_length?: number
}

/** A UUID of any version in lower case (RFC 9562, 4), as the source of a regular expression. */
export const UUID_PATTERN = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

const UUID = new RegExp(`^${UUID_PATTERN}$`, 'i')

/** Whether a text is a UUID of any version, in either case. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

const format: Format = {
  name: 'uuid',
  test: isUuid,
  expects: 'a UUID such as 0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a',
}

/** JSON Schema, keys and filters of every type whose stored form is one UUID. */
export const oneUuid = {
  operators: () => COMPARABLE,
  jsonSchema: () => ({ type: 'string', format: format.name }),
  normalize: (value: unknown) => (value as string).toLowerCase(),
  sortKey: (value: unknown) => value as string,
  keyInSql: 'text' as const,
  keyIsWhole: () => true,
  exactKey: (value: unknown) => value as string,
  parse: (text: string) => (isUuid(text) ? text.toLowerCase() : undefined),
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
