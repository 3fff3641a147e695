// Local dates and times of a zone as instants, and back, with the zone's own rules for summer time. Pure.

const MINUTE = 60_000

/** Memo: the formatter of each zone, which takes a millisecond to make. */
const formatters = new Map<string, Intl.DateTimeFormat>()

const MOST_FORMATTERS = 50

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    ...({ year: 'numeric', month: '2-digit', day: '2-digit', era: 'short' } as const),
    ...({ hour: '2-digit', minute: '2-digit', second: '2-digit' } as const),
  })
  if (formatters.size >= MOST_FORMATTERS) formatters.clear()
  formatters.set(zone, made)
  return made
}

/** Whether it is the IANA name of a zone, such as Europe/Berlin, or UTC. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false
  try {
    formatterOf(name)
    return true
  } catch {
    return false
  }
}

/** Milliseconds by which the zone's clock is ahead of UTC at an instant. */
function offsetAt(instant: number, zone: string): number {
  const parts = formatterOf(zone).formatToParts(instant)
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value)
  const local = new Date(0)
  local.setUTCFullYear(of('year'), of('month') - 1, of('day'))
  local.setUTCHours(of('hour'), of('minute'), of('second'), 0)
  return local.getTime() - Math.floor(instant / 1000) * 1000
}

/**
 * The instant of a local time, to the millisecond: of a time that occurs twice the first, of one that is left out the same
 * number of minutes after the gap began.
 *
 * @param local milliseconds since 1970 as if the local time were UTC
 */
function instantOf(local: number, zone: string): number {
  const offsets = [local - 1440 * MINUTE, local + 1440 * MINUTE].map((at) => offsetAt(at, zone))
  const fitting = offsets.filter((offset) => offsetAt(local - offset, zone) === offset)
  // The larger offset makes the earlier instant.
  const offset = fitting.length > 0 ? Math.max(...fitting) : Math.min(...offsets)
  return local - offset
}

/** `2024-03-31T02:30:00` in a zone as UTC with `Z`; undefined beyond the years 0001 to 9999. The fraction stays as it is. */
export function localToUtc(local: string, zone: string): string | undefined {
  const [seconds = '', fraction] = local.split('.')
  return written(instantOf(Date.parse(`${seconds}Z`), zone), fraction, 'Z')
}

/** An instant in canonical form as the local date and time of a zone, without offset. */
export function utcToLocal(instant: string, zone: string): string | undefined {
  const [seconds = '', fraction] = instant.replace('Z', '').split('.')
  const at = Date.parse(`${seconds}Z`)
  return written(at + offsetAt(at, zone), fraction, '')
}

function written(milliseconds: number, fraction: string | undefined, end: string): string | undefined {
  const text = new Date(milliseconds).toISOString().slice(0, 19)
  if (!/^[0-9]{4}-/.test(text) || text.startsWith('0000')) return undefined
  return `${text}${fraction === undefined ? '' : `.${fraction}`}${end}`
}
