// `Range: 0-9` on a list, as PostgREST has it: records by their places, from 0. Other units are passed over.
// https://docs.postgrest.org/en/stable/references/api/pagination_count.html

const RECORDS = /^(\d{1,15})-(\d{1,15})?$/

const PAGING = /^(limit|offset)=(\d{1,15})$/

/** From the first place to the last, both included. */
interface Places {
  first: number
  last: number
}

/** Undefined for a range to pass over: one in another unit, or that ends before it begins (RFC 9110, 14.2). */
function parseRange(header: string): Places | undefined {
  const [, first, last] = RECORDS.exec(header) ?? []
  if (first === undefined) return undefined
  const places = { first: Number(first), last: Number(last ?? Number.POSITIVE_INFINITY) }
  return places.last < places.first ? undefined : places
}

function placesOf(paging: ReadonlyMap<string, string>): Places {
  const first = Number(paging.get('offset') ?? 0)
  return { first, last: first + Number(paging.get('limit') ?? Number.POSITIVE_INFINITY) - 1 }
}

/** The URL with what the Range header asks for as `limit` and `offset`, within those that it has. */
export function withRange(url: string, header: string): string {
  const asked = parseRange(header)
  if (asked === undefined) return url
  const at = url.includes('?') ? url.indexOf('?') : url.length
  const pairs = url.slice(at + 1).split('&')
  const own = placesOf(
    new Map(pairs.flatMap((pair) => [PAGING.exec(pair)?.slice(1) ?? []]) as [string, string][]),
  )
  const first = Math.max(own.first, asked.first)
  const last = Math.min(own.last, asked.last)
  const kept = pairs.filter((pair) => pair !== '' && !PAGING.test(pair))
  if (last < Number.POSITIVE_INFINITY) kept.push(`limit=${Math.max(0, last - first + 1)}`)
  if (first > 0) kept.push(`offset=${first}`)
  return `${url.slice(0, at)}?${kept.join('&')}`
}
