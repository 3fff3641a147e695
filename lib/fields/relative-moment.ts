// Parses moments relative to the present, values of filters: `now`, `today`, `now-7d`, `today+1mo`. All in UTC; `today` is
// its midnight.

const RELATIVE = /^\s*(now|today)((?:[-+ ][0-9]{1,6}(?:mo|[mhdwy])){0,5})\s*$/i

const LIST_OF_MOMENTS = /^\s*[{[].*\b(?:now|today)\b/is

const STEP = /([-+ ])([0-9]+)(mo|[mhdwy])/gi

const MILLISECONDS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
}

/** Whether a text is such a moment, or a list that may contain one. */
export function mentionsRelativeMoment(text: string): boolean {
  return RELATIVE.test(text) || LIST_OF_MOMENTS.test(text)
}

/**
 * The moment as ISO 8601 with `Z`; undefined for any other text, and beyond the years 0001 to 9999.
 *
 * @param now milliseconds since 1970
 */
export function relativeMoment(text: string, now = Date.now()): string | undefined {
  const [, base, steps = ''] = RELATIVE.exec(text) ?? []
  if (base === undefined) return undefined
  const moment = new Date(now)
  if (base.toLowerCase() === 'today') moment.setUTCHours(0, 0, 0, 0)
  // A `+` in a URL arrives as a space.
  for (const [, sign, count, unit = ''] of steps.matchAll(STEP))
    move(moment, Number(count) * (sign === '-' ? -1 : 1), unit.toLowerCase())
  const year = moment.getUTCFullYear()
  return year >= 1 && year <= 9999 ? moment.toISOString() : undefined
}

function move(moment: Date, count: number, unit: string): void {
  const milliseconds = MILLISECONDS[unit]
  if (milliseconds !== undefined) moment.setTime(moment.getTime() + count * milliseconds)
  else moveMonths(moment, unit === 'y' ? count * 12 : count)
}

/** To the same day of another month, or to its last day. */
function moveMonths(moment: Date, months: number): void {
  const day = moment.getUTCDate()
  moment.setUTCDate(1)
  moment.setUTCMonth(moment.getUTCMonth() + months)
  const last = new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + 1, 0)).getUTCDate()
  moment.setUTCDate(Math.min(day, last))
}
