// What attacks work on: entities with records at the limits, made once per server.
import type { Attacker } from '../duel.ts'

/** Characters of a text that just fits into a body. */
export const LONG_TEXT = 't'.repeat(950_000)

const WIDE_FIELDS = 490

export const wideNames = Array.from({ length: WIDE_FIELDS }, (_, at) => `f${at}`)

/** Makes something and gives its id; an attack that cannot be prepared proves nothing. */
export async function make({ send }: Attacker, path: string, body: unknown): Promise<string> {
  const { status, text } = await send('POST', path, body)
  if (status !== 201) throw new Error(`${path}: ${status} ${text.slice(0, 500)}`)
  // Of a long answer only the beginning is kept.
  return /"id":"([^"]+)"/.exec(text)?.[1] ?? ''
}

/** Makes an entity unless an attack before this has made it; whether it is new. */
export async function makeEntity(attacker: Attacker, name: string, fields: object[]): Promise<boolean> {
  if ((await attacker.send('GET', `/schemas/${name}`)).status === 200) return false
  await make(attacker, '/schemas/', { entity_name: name, fields })
  return true
}

/** One post with 34 comments, each with a text of nearly a megabyte. */
export async function makeComments(attacker: Attacker): Promise<void> {
  const isNew = await makeEntity(attacker, 'post', [{ name: 'title', type: 'string' }])
  if (!isNew) return
  await makeEntity(attacker, 'comment', [
    { name: 't', type: 'text' },
    { name: 'post', type: 'relation', entity: 'post' },
  ])
  const post = await make(attacker, '/post/', { title: 'a post' })
  for (let n = 0; n < 34; n++) await make(attacker, '/comment/', { t: LONG_TEXT, post })
}

/** So many records with a long text each, all referring to one. */
export async function makeDocuments(attacker: Attacker, count: number): Promise<string> {
  const fields = [
    { name: 't', type: 'text' },
    { name: 'owner', type: 'relation', entity: 'owner' },
  ]
  await makeEntity(attacker, 'owner', [{ name: 'name', type: 'string' }])
  const owner = await make(attacker, '/owner/', { name: 'eve' })
  if (await makeEntity(attacker, 'doc', fields))
    for (let n = 0; n < count; n++) await make(attacker, '/doc/', { t: LONG_TEXT, owner })
  return owner
}

/** An entity with nearly all the fields that there may be, some of which refer to it. */
export async function makeWide(attacker: Attacker): Promise<void> {
  const integers = wideNames.map((name) => ({ name, type: 'integer' }))
  const isNew = await makeEntity(attacker, 'wide', integers)
  if (!isNew) return
  await makeEntity(attacker, 'link', [
    { name: 'to', type: 'relation', entity: 'wide' },
    ...wideNames.map((name) => ({ name, type: 'integer' })),
  ])
  const wide = await make(attacker, '/wide/', { f0: 1 })
  for (let n = 0; n < 10; n++) await make(attacker, '/link/', { to: wide, f0: n })
}
