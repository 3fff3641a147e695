// Random writes through every route that writes records, from a seed.
import type { as } from '../app.ts'

export type Sender = ReturnType<typeof as>

export interface World {
  send: Sender
  random: () => number
  /** Ids of authors and books that there are. */
  ids: (entity: 'author' | 'book') => Promise<string[]>
}

export const ENTITIES = [
  {
    entity_name: 'author',
    history: true,
    fields: [
      { name: 'name', type: 'string', unique: true, indexed: true },
      { name: 'size', type: 'integer' },
      { name: 'note', type: 'text' },
      { name: 'meta', type: 'json' },
    ],
    unique: [['size', 'note']],
  },
  {
    entity_name: 'book',
    history: { keep: '30d' },
    feed: true,
    fields: [
      { name: 'title', type: 'string' },
      { name: 'author', type: 'relation', entity: 'author', on_delete: 'cascade' },
      { name: 'editor', type: 'relation', entity: 'author', on_delete: 'set_null' },
      { name: 'readers', type: 'relation', entity: 'author', many: true, on_delete: 'set_null' },
    ],
  },
]

type Write = (world: World) => Promise<unknown>

const below = ({ random }: World, most: number) => Math.floor(random() * most)

const pick = <T>(world: World, list: readonly T[]): T | undefined => list[below(world, list.length)]

function author(world: World): Record<string, unknown> {
  const all = {
    name: `n${below(world, 12)}`,
    size: below(world, 40),
    note: pick(world, ['a', 'b', null]),
    meta: pick(world, [null, { a: [1, null] }, 'x', 3]),
  }
  return Object.fromEntries(Object.entries(all).filter(() => world.random() < 0.7))
}

async function book(world: World): Promise<Record<string, unknown>> {
  const ids = await world.ids('author')
  const some = () => pick(world, ids) ?? null
  return {
    title: `t${below(world, 5)}`,
    author: world.random() < 0.5 ? some() : null,
    editor: some(),
    readers: [...new Set([some(), some()])].filter((id) => id !== null),
  }
}

const MERGE = { prefer: 'resolution=merge-duplicates' }

/** Whatever of them is refused leaves everything as it was, which is a state like any other. */
export const WRITES: Readonly<Record<string, Write>> = {
  createOne: (world) => world.send('POST', '/author', author(world)),
  createMany: (world) => world.send('POST', '/author', [author(world), author(world)]),
  createBook: async (world) => world.send('POST', '/book', [await book(world), await book(world)]),
  createPartly: (world) =>
    world.send('POST', '/author', [author(world), author(world), { size: 'no' }], { prefer: 'bulk=partial' }),
  rolledBack: (world) => world.send('POST', '/author', [author(world)], { prefer: 'tx=rollback' }),
  patchOne: async (world) => world.send('PATCH', `/author/${await one(world, 'author')}`, author(world)),
  patchBook: async (world) => world.send('PATCH', `/book/${await one(world, 'book')}`, await book(world)),
  replaceOne: async (world) => world.send('PUT', `/author/${await one(world, 'author')}`, author(world)),
  patchMatching: (world) =>
    world.send('PATCH', `/author?size=gt.${below(world, 40)}`, { note: pick(world, ['a', 'c']) }),
  patchMatchingPart: (world) =>
    world.send('PATCH', `/author?name=in.(n1,n${below(world, 12)})`, { size: 1000 + below(world, 1000) }),
  patchRows: async (world) => {
    const ids = [...new Set([await one(world, 'author'), await one(world, 'author')])]
    return world.send(
      'PATCH',
      '/author',
      ids.map((id) => ({ ...author(world), id })),
    )
  },
  swap: async (world) => {
    const [a, b] = (await world.send('GET', '/author?name=not.is.null&order=name&limit=2')).json()
    if (b === undefined) return
    const rows = [
      { id: a.id, name: b.name },
      { id: b.id, name: a.name },
    ]
    return world.send('PATCH', '/author', rows)
  },
  merge: (world) => {
    const rows = [
      { ...author(world), name: `n${below(world, 12)}` },
      { ...author(world), name: `n${below(world, 12)}` },
    ]
    return world.send('POST', '/author?on_conflict=name', rows, MERGE)
  },
  ignore: (world) =>
    world.send('POST', '/author?on_conflict=name', [{ name: 'n1' }, { name: 'n3' }], {
      prefer: 'resolution=ignore-duplicates',
    }),
  importCsv: (world) =>
    world.send(
      'POST',
      '/author',
      `name,size\nn${below(world, 12)},${below(world, 40)}\nm${below(world, 99)},1\n`,
      {
        'content-type': 'text/csv',
      },
    ),
  importMerging: (world) =>
    world.send(
      'POST',
      '/author?on_conflict=name',
      `{"name":"n${below(world, 12)}","size":${below(world, 40)}}\n`,
      {
        'content-type': 'application/x-ndjson',
        ...MERGE,
      },
    ),
  removeOne: async (world) => world.send('DELETE', `/book/${await one(world, 'book')}`),
  removeReturning: async (world) =>
    world.send('DELETE', `/book/${await one(world, 'book')}`, undefined, { prefer: 'return=representation' }),
  removeLinked: async (world) => world.send('DELETE', `/author/${await one(world, 'author')}`),
  removeMatching: (world) => world.send('DELETE', `/book?title=eq.t${below(world, 5)}`),
  restore: async (world) => world.send('POST', `/book/${await deleted(world, 'book')}/restore`),
  restoreVersion: async (world) =>
    world.send('POST', `/author/${await deleted(world, 'author')}/restore`, { version: 1 }),
  restoreAll: async (world) =>
    world.send('POST', `/author/${await deleted(world, 'author')}/restore`, { with: 'cascade' }),
  setBack: async (world) =>
    world.send('POST', `/author/${await one(world, 'author')}/restore`, { version: 1 + below(world, 3) }),
  setBookBack: async (world) =>
    world.send('POST', `/book/${await one(world, 'book')}/restore`, { version: 1 }),
  removeMatchingLinked: (world) => world.send('DELETE', `/author?size=eq.${below(world, 40)}`),
}

async function one(world: World, entity: 'author' | 'book'): Promise<string> {
  return pick(world, await world.ids(entity)) ?? '00000000-0000-7000-8000-000000000000'
}

async function deleted(world: World, entity: 'author' | 'book'): Promise<string> {
  const trash = (await world.send('GET', `/${entity}/trash`)).json() as { id: string }[]
  return pick(world, trash)?.id ?? '00000000-0000-7000-8000-000000000000'
}
