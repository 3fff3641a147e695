// Parses ISO 8601 dates, times of day and instants to their canonical form; undefined for any other text. Years 0001 to
// 9999, existing days, no leap seconds, up to nine digits of a second's fraction.
import { trimZeros } from './number-key.ts'

const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/

const CLOCK = '(?:[01][0-9]|2[0-3]):[0-5][0-9]'

const TIME = new RegExp(`^(${CLOCK})(?::([0-5][0-9])(?:\\.([0-9]{1,9}))?)?$`)

const OFFSET = new RegExp(`(?:Z|[+-]${CLOCK})$`, 'i')

/** A calendar date, as it is. */
export function canonicalDate(text: string): string | undefined {
  if (!DATE.test(text)) return undefined
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))]
  if (!year || !month || !day || month > 12) return undefined
  return day <= daysIn(year, month) ? text : undefined
}

/** A time of day without an offset: `09:30` is 09:30:00. */
export function canonicalTime(text: string): string | undefined {
  const [, clock, second = '00', fraction = ''] = TIME.exec(text) ?? []
  if (clock === undefined) return undefined
  const kept = trimZeros(fraction)
  return kept === '' ? `${clock}:${second}` : `${clock}:${second}.${kept}`
}

/** An instant; the offset must be there and the canonical form is UTC. */
export function canonicalDatetime(text: string): string | undefined {
  const offset = OFFSET.exec(text)?.[0]
  if (offset === undefined || !/t/i.test(text.charAt(10))) return undefined
  const date = canonicalDate(text.slice(0, 10))
  const time = canonicalTime(text.slice(11, text.length - offset.length))
  if (date === undefined || time === undefined) return undefined
  return toUtc(`${date}T${time.slice(0, 5)}`, time.slice(5), offset)
}

/** Only whole minutes move with an offset; seconds and their fraction stay exact. */
function toUtc(minute: string, seconds: string, offset: string): string | undefined {
  if (/^(z|[+-]00:00)$/i.test(offset)) return `${minute}${seconds}Z`
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number)
  const shift = (hours * 60 + minutes) * (offset.startsWith('-') ? 1 : -1)
  const moved = new Date(Date.parse(`${minute}Z`) + shift * 60_000).toISOString().slice(0, 16)
  // Beyond the year 9999 the text starts with a sign, and there is no year 0.
  return /^[0-9]{4}-/.test(moved) && !moved.startsWith('0000') ? `${moved}${seconds}Z` : undefined
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return leap ? 29 : 28
}
