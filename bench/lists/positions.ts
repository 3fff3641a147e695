// The cursors of pages in the order of names, taken from the links of the pages before them.

import type { Contestant } from '../servers.ts'
import type { Position } from './pool.ts'

/** The page from which on positions count, and how many do. */
const FROM = 50

const MANY = 200

const FIRST = '/student/?select=id,name&order=name&limit=20'

async function pageAt({ url, token }: Contestant, path: string) {
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
  const rows = (await answer.json()) as { id: string; name: string }[]
  const [, next] = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '') ?? []
  return { last: rows.at(-1), next }
}

/** Of the last pages where there are too few to leave out the first. */
export async function positionsOf(who: Contestant): Promise<Position[]> {
  const positions: Position[] = []
  for (let path: string | undefined = FIRST; path !== undefined && positions.length < FROM + MANY; ) {
    const { last, next } = await pageAt(who, path)
    const cursor = next && new URL(next, who.url).searchParams.get('cursor')
    if (last && cursor) positions.push({ ...last, cursor })
    path = next
  }
  return positions.slice(Math.min(FROM, positions.length >> 1))
}
