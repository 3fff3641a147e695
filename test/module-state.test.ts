// State outside of objects: two servers in one process share nothing that can differ between them.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { readImports } from './support/layers.ts'

/** Module-level variables, and tables that are empty at first. */
const STATE =
  /^(?:export )?(?:let \w|const \w+[^=\n]*= new (?:Weak(?:Map|Set)\b|LRUCache\b|(?:Map|Set)(?:<.*>)?\(\)|[A-Z]\w*(?:Cache|Counter|Queue|Limiter|Budget|Signal|Doorkeeper)\b))/

/** A pure function's results, or what belongs to one connection. */
const MAY_STAY = /^\/\*\* (Memo|Per connection): /

/** The lines of module-level state without a comment that says why it may stay. */
function statefulLines(source: string): string[] {
  const lines = source.split('\n')
  return lines.filter((line, at) => STATE.test(line) && !MAY_STAY.test(lines[at - 1] ?? ''))
}

t.test('no module keeps state, but for memo tables and what belongs to a connection', async (t) => {
  const paths = [...readImports(['lib', 'plugins', 'routes'], ['admin.ts', 'app.ts', 'server.ts']).keys()]
  const found = paths.flatMap((path) =>
    statefulLines(readFileSync(path, 'utf8')).map((line) => `${path}: ${line}`),
  )
  t.strictSame(found, [])
})

t.test('state is found', async (t) => {
  const states = [
    'let count = 0',
    'export let last: string | undefined',
    'const seen = new Map<string, number>()',
    'const plans = new LRUCache<string, object>({ max: 5 })',
    'const waiting = new KeyedQueue(5)',
  ]
  for (const state of states) {
    t.strictSame(statefulLines(`\n${state}`), [state])
    t.strictSame(statefulLines(`/** Memo: a reason. */\n${state}`), [])
  }
  t.strictSame(statefulLines("const names = new Map([['a', 1]])\n  let inner = 0"), [])
})
