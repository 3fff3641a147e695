// like and ilike on a real PostgreSQL: ilike sees texts exactly as folding does, in slots or not, short or long.
import fc from 'fast-check'
import t from 'tap'
import { fold } from '../../lib/fields/text-key.ts'
import { isStorableText } from '../../lib/fields/unstorable.ts'
import { idOf, openDatabase } from '../support/query/database.ts'
import { contextOf, entity, field } from '../support/query/sample.ts'

const fields = [
  field('text', 'string'),
  field('kind', 'enum', { values: ['Öl', 'Gas'] }),
  field('meta', 'json'),
]

const plain = entity('plain', fields, { id: 1 })

const slotted = entity('slotted', fields, { id: 2, slots: ['text', 'kind'] })

/** LIKE as a regular expression. */
function like(pattern: string, text: string): boolean {
  const parts = [...pattern.matchAll(/\\(.)|(%)|(_)|([\s\S])/gsu)].map(([, escaped, any, one, other]) => {
    if (any) return '[\\s\\S]*'
    return one ? '[\\s\\S]' : (escaped ?? other ?? '').replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('')}$`, 'u').test(text)
}

const letters = [...'aAäÄáÁàsSßẞıIiİσςΣkKKåÅÅoøØœeéÉеЕёЁ日本한글가각가ﬁͅιøØłđæÆœþÞẞħがカ.%_ '].concat([
  'e\u0301',
  '\u0327',
  'a\u0308\u0323',
  '\u1100\u1161',
])

const word = fc.array(fc.constantFrom(...letters), { maxLength: 6 }).map((parts) => parts.join(''))

const texts = fc.oneof(
  word,
  word.map((w) => `${w}${'Ä'.repeat(300)}${w}`),
  fc.string({ unit: 'grapheme' }),
)

const patterns = fc
  .tuple(fc.constantFrom('', '%', '_'), word, fc.constantFrom('', '%', '_%'))
  .map((p) => p.join(''))

t.test('like and ilike answer as folding in Node does', async (t) => {
  const database = await openDatabase(t)
  await fc.assert(
    fc.asyncProperty(
      fc.array(texts.filter(isStorableText), { minLength: 1, maxLength: 20 }),
      fc.array(patterns, { minLength: 1, maxLength: 10 }),
      async (stored, asked) => {
        await database.client.query('delete from record')
        const rows = stored.map((text, at) => ({ id: idOf(at), data: { text } }))
        for (const one of [plain, slotted]) await database.store(one, rows)
        for (const pattern of asked) {
          const value = encodeURIComponent(pattern)
          for (const one of [plain, slotted]) {
            const found = async (search: string) =>
              (await database.list<{ text: string }>(`select=text&${search}`, contextOf(one))).map(
                ({ text }) => text,
              )
            const matching = stored.filter((text) => like(fold(pattern), fold(text)))
            t.strictSame(await found(`text=ilike.${value}`), matching, `${one.name} ilike ${pattern}`)
            const others = stored.filter((text) => !matching.includes(text))
            t.strictSame(await found(`text=not.ilike.${value}`), others, `${one.name} not ilike ${pattern}`)
            const exact = stored.filter((text) => like(pattern, text))
            t.strictSame(await found(`text=like.${value}`), exact, `${one.name} like ${pattern}`)
          }
        }
      },
    ),
    { numRuns: 40 },
  )
})

t.test('the spellings of patterns', async (t) => {
  const database = await openDatabase(t)
  const stored = ['Anna', 'anna%', 'Bob', 'a*b', null]
  const rows = stored.map((text, at) => ({
    id: idOf(at),
    data: { text, kind: at === 0 ? 'Öl' : null, meta: { t: text } },
  }))
  for (const one of [plain, slotted]) await database.store(one, rows)
  const scenarios: [string, string[]][] = [
    ['text=like.An*', ['Anna']],
    ['text=ilike.an*', ['Anna', 'anna%']],
    ['text=ilike.*a\\%25', ['anna%']],
    ['text=like(any).{A*,B*}', ['Anna', 'Bob']],
    ['text=ilike(all).{a*,"*n*"}', ['Anna', 'anna%']],
    ['text=not.ilike(any).{a*,x*}', ['Bob']],
    ['text=like(any).{}', []],
    ['kind=ilike.ol', ['Anna']],
    ['meta->>t=ilike.an*', ['Anna', 'anna%']],
    ['or=(text.ilike.*NN*,text.eq.Bob)', ['Anna', 'anna%', 'Bob']],
  ]
  for (const [search, expected] of scenarios)
    for (const one of [plain, slotted]) {
      const found = await database.list<{ text: string }>(`select=text&${search}`, contextOf(one))
      t.strictSame(
        found.map(({ text }) => text),
        expected,
        `${one.name} ${search}`,
      )
    }
  t.rejects(database.list('text=like.a\\', contextOf(plain)), { name: 'Problem' }, 'a lone escape is refused')
})
