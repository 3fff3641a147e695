// Field type `email`: an address with a domain; letters of any script, no quoting, no comments. Stored as sent.
import type { Field } from './field.ts'
import type { FieldType, Format } from './field-type.ts'
import { given, MAX_LENGTH, TRIM } from './options.ts'
import { plainText } from './text-field.ts'

interface EmailField extends Field {
  max_length?: number
}

const ATOM = "[\\p{L}\\p{N}\\p{M}!#$%&'*+/=?^_`{|}~-]+"

const LABEL = '[\\p{L}\\p{N}](?:[\\p{L}\\p{N}\\p{M}-]{0,61}[\\p{L}\\p{N}\\p{M}])?'

const EMAIL = new RegExp(`^(?=.{1,64}@)${ATOM}(?:\\.${ATOM})*@${LABEL}(?:\\.${LABEL})+$`, 'u')

const format: Format = {
  name: 'email',
  test: (text) => text.length <= 254 && EMAIL.test(text),
  expects: 'an email address such as alice@example.com',
}

export const emailType: FieldType<EmailField> = {
  ...plainText,
  name: 'email',
  aliases: [],
  summary: 'An email address.',
  options: { ...MAX_LENGTH, ...TRIM },
  uniqueByDefault: 'ci',
  format,
  jsonSchema: ({ max_length }) => ({
    type: 'string',
    format: format.name,
    ...given({ maxLength: max_length }),
  }),
  example: ({ max_length = 254 }) => (max_length < 17 ? undefined : 'alice@example.com'),
}
