// Field type `datetime`: an instant, sent with an offset, stored and returned as UTC.
import type { FieldType, TakenOver } from './field-type.ts'
import { canonicalDate, canonicalDatetime, canonicalTime } from './iso-time.ts'
import { type MomentField, momentField } from './moment-field.ts'
import { localToUtc } from './time-zone.ts'

export const datetimeType: FieldType<MomentField> = {
  ...momentField({
    format: 'date-time',
    expects: 'a date and time with an offset, such as 2024-02-29T09:30:00Z',
    noun: 'A date and time, returned as UTC',
    example: '2024-02-29T09:30:00Z',
    canonical: canonicalDatetime,
    lenient: completeInstant,
  }),
  fromOther: (value, from, { timezone }) =>
    typeof value === 'string'
      ? instantOf(value.trim(), from.type === 'date' ? (timezone ?? 'UTC') : timezone)
      : null,
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

/** The instant that a text names: with its own offset, or else in the zone. */
function instantOf(text: string, timezone: string | undefined): TakenOver | null {
  const joined = text.replace(/^(.{10}) (?=[0-9])/, '$1T')
  const instant = canonicalDatetime(joined) ?? (timezone === undefined ? undefined : inZone(joined, timezone))
  return instant === undefined ? null : { value: instant }
}

function inZone(text: string, timezone: string): string | undefined {
  const date = canonicalDate(text.slice(0, 10))
  const time =
    text.length === 10 ? '00:00:00' : canonicalTime(/^T/i.test(text.slice(10)) ? text.slice(11) : '')
  return date === undefined || time === undefined ? undefined : localToUtc(`${date}T${time}`, timezone)
}
