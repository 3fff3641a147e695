// Field type `time`: a time of day without an offset. Its format is iso-time because JSON Schema's `time` requires one.
import type { FieldType } from './field-type.ts'
import { canonicalTime } from './iso-time.ts'
import { type MomentField, momentField } from './moment-field.ts'
import { utcToLocal } from './time-zone.ts'

export const timeType: FieldType<MomentField> = {
  ...momentField({
    format: 'iso-time',
    expects: 'a time of day without an offset, such as 09:30:00',
    noun: 'A time of day',
    example: '09:30:00',
    canonical: canonicalTime,
  }),
  fromOther: (value, from, { timezone = 'UTC' }) => {
    const local = from.type === 'datetime' ? utcToLocal(value as string, timezone) : undefined
    return local === undefined ? undefined : { value: local.slice(11), lossy: true }
  },
  name: 'time',
  aliases: [],
  summary: 'A time of day, ISO 8601, without an offset.',
}
