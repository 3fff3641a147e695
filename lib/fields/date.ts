// Field type `date`: a calendar day.
import type { FieldType } from './field-type.ts'
import { canonicalDate } from './iso-time.ts'
import { type MomentField, momentField } from './moment-field.ts'

export const dateType: FieldType<MomentField> = {
  ...momentField({
    format: 'date',
    expects: 'a date such as 2024-02-29',
    noun: 'A date',
    example: '2024-02-29',
    canonical: canonicalDate,
  }),
  name: 'date',
  aliases: [],
  summary: 'A calendar day, ISO 8601.',
}
