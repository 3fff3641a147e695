// Field type `date`: a calendar day.
import type { FieldType, TakenOver } from './field-type.ts'
import { canonicalDate } from './iso-time.ts'
import { type MomentField, momentField } from './moment-field.ts'
import { utcToLocal } from './time-zone.ts'

export const dateType: FieldType<MomentField> = {
  ...momentField({
    format: 'date',
    expects: 'a date such as 2024-02-29',
    noun: 'A date',
    example: '2024-02-29',
    canonical: canonicalDate,
  }),
  fromOther: (value, from, { timezone = 'UTC' }) =>
    from.type === 'datetime' ? dayOf(value as string, timezone) : undefined,
  name: 'date',
  aliases: [],
  summary: 'A calendar day, ISO 8601.',
}

/** The day of an instant in a zone. */
function dayOf(instant: string, timezone: string): TakenOver | undefined {
  const local = utcToLocal(instant, timezone)
  if (local === undefined) return undefined
  return { value: local.slice(0, 10), ...(/T00:00:00$/.test(local) ? {} : { lossy: true }) }
}
