// Field type `url`: an absolute http or https address. Stored as sent.
import type { Field } from './field.ts'
import type { FieldType, Format } from './field-type.ts'
import { given, MAX_LENGTH } from './options.ts'
import { plainText } from './text-field.ts'

interface UrlField extends Field {
  max_length?: number
}

/** The usual limit of browsers and servers. */
const LONGEST = 8192

/** One class after the host's first character: two that overlap would take quadratic time to say no. */
const SHAPE = /^https?:\/\/[^\s\p{Cc}/?#\\][^\s\p{Cc}]*$/iu

const format: Format = {
  name: 'uri',
  test: (text) => text.length <= LONGEST && SHAPE.test(text) && URL.canParse(text),
  expects: 'an http or https address such as https://example.com/page',
}

export const urlType: FieldType<UrlField> = {
  ...plainText,
  name: 'url',
  aliases: [],
  summary: 'An http or https address.',
  options: MAX_LENGTH,
  format,
  jsonSchema: ({ max_length }) => ({
    type: 'string',
    format: format.name,
    ...given({ maxLength: max_length }),
  }),
  example: ({ max_length = LONGEST }) => (max_length < 19 ? undefined : 'https://example.com'),
}
