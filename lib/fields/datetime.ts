// Field type `datetime`: an instant, sent with an offset, stored and returned as UTC.
import type { FieldType } from './field-type.ts'
import { canonicalDatetime } from './iso-time.ts'
import { type MomentField, momentField } from './moment-field.ts'

export const datetimeType: FieldType<MomentField> = {
  ...momentField({
    format: 'date-time',
    expects: 'a date and time with an offset, such as 2024-02-29T09:30:00Z',
    noun: 'A date and time, returned as UTC',
    example: '2024-02-29T09:30:00Z',
    canonical: canonicalDatetime,
    lenient: completeInstant,
  }),
  name: 'datetime',
  aliases: ['timestamp'],
  summary: 'An instant, ISO 8601 with an offset, kept as UTC.',
}

/** A filter may leave out the offset (UTC) or the whole time, and a `+` in a URL arrives as a space. */
function completeInstant(text: string): string {
  if (text.length <= 10) return `${text}T00:00Z`
  const joined = text.replace(' ', /^.{10} /.test(text) ? 'T' : '+').replace(' ', '+')
  return /(z|[+-][0-9:]+)$/i.test(joined.slice(11)) ? joined : `${joined}Z`
}
