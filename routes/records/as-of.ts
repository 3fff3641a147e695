// The time as of which records are read: `as_of=<time>` in the query string. A value with an operator is a filter on a field of
// that name, as ever.
import { errors } from '../../lib/errors.ts'
import { canonicalDatetime } from '../../lib/fields/iso-time.ts'
import type { Query } from '../../lib/query/ast.ts'

const PARAMETER = /^as_of=/

/** A value with an operator. */
const FILTER = /^(not\.)?[a-z]+(\([a-z]+\))?\./

/** Takes the time out of the URL of a read; errors.invalidParameter for a value that is no time. */
export function takeAsOf(
  url: string,
  { verb }: { verb: string },
): { rest: string; asOf: string | undefined } {
  if (verb !== 'read' || !url.includes('as_of=')) return { rest: url, asOf: undefined }
  const at = url.indexOf('?')
  const pairs = url.slice(at + 1).split('&')
  const times = pairs.filter((pair) => PARAMETER.test(pair)).map(timeOf)
  const given = times.filter((value) => !FILTER.test(value))
  if (given.length === 0) return { rest: url, asOf: undefined }
  const kept = pairs.filter((pair) => !PARAMETER.test(pair) || FILTER.test(timeOf(pair)))
  return { rest: `${url.slice(0, at)}?${kept.join('&')}`, asOf: readTime(given) }
}

function timeOf(pair: string): string {
  return new URLSearchParams(pair).get('as_of') ?? ''
}

function readTime([value = '', ...others]: readonly string[]): string {
  // A plus that nobody has encoded is a space by then.
  const time = others.length > 0 ? undefined : canonicalDatetime(value.replace(' ', '+'))
  if (time !== undefined) return time
  throw errors.invalidParameter(
    `as_of is no time: ${value}.`,
    'Write it with date, time and offset: as_of=2026-01-01T00:00:00Z.',
  )
}

/** errors.malformedQuery for a query that embeds, since links are known as they are now alone. */
export function requireTimeless({ usesOthers }: Query, asOf: string | undefined): void {
  if (asOf !== undefined && usesOthers)
    throw errors.malformedQuery('as_of reads one entity: related records are not embedded.')
}
