// `npm test`: one PostgreSQL for all test files, which run in processes below tap, several files in each. Runs the emitted
// files given, or those of the tiers given (`--tier=slow`, may be repeated; default: fast), one tier after the other. Its
// last line is "N passed, N failed", counting tests; the exit code is 1 when one failed or a tier ran none.

import { readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import t from 'tap'
import { TapCount } from './support/tap-count.ts'
import { startTestServer, templateVariable } from './support/test-server.ts'

interface Mode {
  /** Processes at once. */
  jobs: number
  /** Files of a process, at most: importing the server takes longer than most files. */
  share: number
}

interface Batch extends Mode {
  files: string[]
}

interface Tier extends Mode {
  /** The end of its files' names, before the extension. */
  suffix: string
}

const TIERS: Readonly<Record<string, Tier>> = {
  /** What holds on any machine, however loaded, within minutes. */
  fast: { suffix: '.test', jobs: 3, share: 12 },
  /** Processes that are killed, outages, storms: what survives them. */
  slow: { suffix: '.slow', jobs: 2, share: 1 },
  /** Milliseconds, memory, a million records: on a machine that does nothing else. */
  proof: { suffix: '.proof', jobs: 1, share: 1 },
}

/** Seconds that a file may take: many times what the slowest takes on a machine that does nothing else. */
const TIMEOUT = 900

const here = dirname(fileURLToPath(import.meta.url))

const RUN_FILES = join(here, 'support', 'run-files.js')

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    options: { tier: { type: 'string', multiple: true, default: ['fast'] } },
    allowPositionals: true,
  })
  const batches =
    positionals.length > 0
      ? [{ files: positionals, jobs: 2, share: 1 }]
      : await Promise.all(values.tier.map(filesOf))
  const count = new TapCount()
  t.setTimeout(0)
  t.on('data', (text) => count.write(String(text)))
  const server = await startTestServer()
  process.env[templateVariable] = server.url
  let isGood = true
  for (const batch of batches) {
    const before = count.passed
    await runBatch(batch)
    isGood &&= count.failed === 0 && count.passed > before
  }
  await server.stop()
  t.end()
  console.log(`${count.passed} passed, ${count.failed} failed`)
  return isGood
}

async function filesOf(name: string): Promise<Batch> {
  const tier = TIERS[name]
  if (tier === undefined) throw new Error(`--tier is one of ${Object.keys(TIERS).join(', ')}`)
  // By the sources: what an older build has left below dist is no test.
  const files = await readdir(join(here, '..', '..', 'test'), { recursive: true })
  const chosen = files.filter((file) => file.endsWith(`${tier.suffix}.ts`)).sort()
  return { ...tier, files: chosen.map((file) => join(here, file.replace(/\.ts$/, '.js'))) }
}

function sharesOf({ files, share }: Batch): string[][] {
  const count = Math.ceil(files.length / share)
  return Array.from({ length: count }, (_, at) => files.slice(at * share, (at + 1) * share))
}

async function runBatch(batch: Batch): Promise<void> {
  t.jobs = batch.jobs
  // Without NODE_OPTIONS: tap would load its hooks for coverage and mocks, which take longer than most files.
  const command = ['-u', 'NODE_OPTIONS', process.execPath, '--enable-source-maps', RUN_FILES]
  await Promise.all(
    sharesOf(batch).map((files) =>
      t.spawn('env', [...command, ...files], {
        name: files.map((file) => relative(here, file)).join(' '),
        buffered: batch.jobs > 1,
        stdio: ['ignore', 'pipe', 'inherit'],
        timeout: TIMEOUT * 1000,
        // From Node 22 on a fifth of what importing the server takes.
        env: {
          ...process.env,
          TAP_TIMEOUT: String(TIMEOUT),
          NODE_COMPILE_CACHE: join('.tap', 'compile-cache'),
        },
      }),
    ),
  )
}

// A Ctrl-C reaches the files as well, and ends them; the server has to be stopped after that.
process.on('SIGINT', () => {})

process.exitCode = (await main()) ? 0 : 1
