// `npm test`: one PostgreSQL for all test files, each of them a process of its own below tap. Runs the emitted files given,
// or those of the tiers given (`--tier=slow`, may be repeated; default: fast), one tier after the other. Its last line is
// "N passed, N failed", counting tests; the exit code is 1 when one failed or a tier ran none.

import { readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import t from 'tap'
import { TapCount } from './support/tap-count.ts'
import { startTestServer, templateVariable } from './support/test-server.ts'

interface Tier {
  /** The end of its files' names, before the extension. */
  suffix: string
  /** Files that run at once. */
  jobs: number
}

const TIERS: Readonly<Record<string, Tier>> = {
  /** What holds on any machine, however loaded, within minutes. */
  fast: { suffix: '.test', jobs: 3 },
  /** Processes that are killed, outages, storms: what survives them. */
  slow: { suffix: '.slow', jobs: 2 },
  /** Milliseconds, memory, a million records: on a machine that does nothing else. */
  proof: { suffix: '.proof', jobs: 1 },
}

/** Seconds that a file may take: many times what the slowest takes on a machine that does nothing else. */
const TIMEOUT = 900

const here = dirname(fileURLToPath(import.meta.url))

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    options: { tier: { type: 'string', multiple: true, default: ['fast'] } },
    allowPositionals: true,
  })
  const batches =
    positionals.length > 0 ? [{ files: positionals, jobs: 2 }] : await Promise.all(values.tier.map(filesOf))
  const count = new TapCount()
  t.setTimeout(0)
  t.on('data', (text) => count.write(String(text)))
  const server = await startTestServer()
  process.env[templateVariable] = server.url
  let isGood = true
  for (const { files, jobs } of batches) {
    const before = count.passed
    await runFiles(files, jobs)
    isGood &&= count.failed === 0 && count.passed > before
  }
  await server.stop()
  t.end()
  console.log(`${count.passed} passed, ${count.failed} failed`)
  return isGood
}

async function filesOf(name: string): Promise<{ files: string[]; jobs: number }> {
  const tier = TIERS[name]
  if (tier === undefined) throw new Error(`--tier is one of ${Object.keys(TIERS).join(', ')}`)
  const { suffix, jobs } = tier
  // By the sources: what an older build has left below dist is no test.
  const files = await readdir(join(here, '..', '..', 'test'), { recursive: true })
  const chosen = files.filter((file) => file.endsWith(`${suffix}.ts`)).sort()
  return { files: chosen.map((file) => join(here, file.replace(/\.ts$/, '.js'))), jobs }
}

async function runFiles(files: string[], jobs: number): Promise<void> {
  t.jobs = jobs
  // Without NODE_OPTIONS: tap would load its hooks for coverage and mocks, which take longer than most files.
  const command = ['-u', 'NODE_OPTIONS', process.execPath, '--enable-source-maps']
  await Promise.all(
    files.map((file) =>
      t.spawn('env', [...command, file], {
        name: relative(process.cwd(), file),
        buffered: jobs > 1,
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
