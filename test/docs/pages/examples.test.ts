// The `http` blocks of docs/: every request is answered as its page says, with the body and the headers that it shows. `...`
// stands for anything.

import t, { type Test } from 'tap'
import { asAdmin, startWithAdmin } from '../../support/app.ts'
import { type Example, examplesIn } from '../../support/docs/examples.ts'
import { type Block, blocksOf, pages, proseOf, readPage } from '../../support/docs/markdown.ts'

type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof asAdmin>>>>

const ANYTHING = '...'

function checkAnswer(t: Test, answer: Answer, { status, names }: Example, where: string) {
  t.match(String(answer.statusCode), status === undefined ? /^2/ : `${status}`, `${where} ${answer.body}`)
  if (names === undefined) return
  const found = (answer.json() as { name?: string; title?: string }[]).map(({ name, title }) => name ?? title)
  t.strictSame(found, names, where)
}

/** What was found, with the parts left out that may be anything. */
function masked(found: unknown, expected: unknown): unknown {
  if (expected === ANYTHING) return found === undefined ? undefined : ANYTHING
  if (typeof found !== 'object' || found === null || typeof expected !== 'object' || expected === null)
    return found
  const entries = Object.entries(found).map(([key, value]) => [key, masked(value, expected[key as never])])
  return Array.isArray(found) ? entries.map(([, value]) => value) : Object.fromEntries(entries)
}

/** Lines of a block such as `Link: </student?cursor=...>`. */
function checkHeaders(t: Test, { headers }: Answer, { text }: Block, where: string) {
  for (const line of text.trimEnd().split('\n')) {
    const [name = '', value = ''] = line.split(/: (.*)/s)
    const parts = value.split(ANYTHING).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    t.match(headers[name.toLowerCase()], new RegExp(`^${parts.join('.+')}$`), `${where} ${line}`)
  }
}

async function run(t: Test, page: string, blocks: readonly Block[]) {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  let last: Answer | undefined
  for (const block of blocks) {
    const where = `${page}:${block.line}`
    if (block.language === 'http') {
      for (const example of examplesIn(block)) {
        const { method, url, headers, body } = example
        last = await admin(method, url, body, headers)
        checkAnswer(t, last, example, `${where} ${method} ${url}`)
      }
    } else if (last !== undefined && block.language === 'json') {
      const expected = JSON.parse(block.text)
      t.strictSame(masked(last.json(), expected), expected, where)
    } else if (last !== undefined && block.language === '') checkHeaders(t, last, block, where)
  }
}

for (const page of pages.filter((path) => path.startsWith('docs'))) {
  const blocks = blocksOf(readPage(page))
  const requests = blocks.filter(({ language }) => language === 'http')
  if (requests.length > 0)
    t.test(`${page}: its requests are answered as it says`, (t) => run(t, page, blocks))
}

t.test('the page of queries has many', async (t) => {
  const blocks = blocksOf(readPage('docs/queries.md'))
  const examples = blocks.filter(({ language }) => language === 'http').flatMap(examplesIn)
  t.ok(examples.filter(({ method }) => method === 'GET').length > 80, 'lists')
  t.ok(examples.filter(({ names }) => names !== undefined).length > 40, 'that name what is found')
  t.ok(blocks.filter(({ language }) => language === 'json').length > 10, 'bodies')
})

const SPAN = /`((?:\/\w+\?|\w+=(?:not\.)?(?:eq|neq|gte?|lte?|in|is|isdistinct|i?like|cs|cd|ov)\.)[^`]*)`/g

/** Queries in the text and the tables of the page, those without a path as filters of students. */
function queriesIn(page: string): string[] {
  const spans = [...proseOf(page).matchAll(SPAN)].map(([, span = '']) => span)
  return spans
    .filter((span) => !span.includes('..'))
    .map((span) => (span.startsWith('/') ? span : `/student?${span}`))
}

t.test('the queries in the text and the tables of that page are answered, too', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const page = readPage('docs/queries.md')
  const [data = ''] = page.split('\n## Filters\n')
  for (const block of blocksOf(data).filter(({ language }) => language === 'http'))
    for (const { method, url, headers, body } of examplesIn(block)) await admin(method, url, body, headers)
  const queries = queriesIn(page)
  t.ok(queries.length > 5, String(queries.length))
  for (const query of queries) {
    const answer = await admin('GET', query)
    t.equal(answer.statusCode, 200, `${query} ${answer.body}`)
    t.ok(answer.json().length > 0, `${query} finds something`)
  }
})
