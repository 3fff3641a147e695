// `npm test`: one PostgreSQL for all test files, then tap over the files given (default: all). Its last line is
// "N passed, N failed", counting tests; the exit code is tap's, or 1 when no test ran.

import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { TapCount } from './support/tap-count.ts'
import { startTestServer, templateVariable } from './support/test-server.ts'

const here = dirname(fileURLToPath(import.meta.url))

async function main(): Promise<number> {
  const given = process.argv.slice(2)
  const files = given.length > 0 ? given : await allTestFiles()
  const server = await startTestServer()
  process.env[templateVariable] = server.url
  const { code, passed, failed } = await runTap(files).finally(server.stop)
  console.log(`${passed} passed, ${failed} failed`)
  return code === 0 && (failed > 0 || passed === 0) ? 1 : code
}

async function allTestFiles(): Promise<string[]> {
  const files = await readdir(here, { recursive: true })
  return files
    .filter((file) => file.endsWith('.test.js'))
    .sort()
    .map((file) => join(here, file))
}

async function runTap(files: string[]): Promise<{ code: number; passed: number; failed: number }> {
  const program = join(here, '..', '..', 'node_modules', '.bin', 'tap')
  const tap = spawn(program, ['run', '--reporter=tap', ...files], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number>((resolve) => tap.on('close', (code) => resolve(code ?? 1)))
  const count = new TapCount()
  for await (const line of createInterface({ input: tap.stdout })) {
    console.log(line)
    count.read(line)
  }
  return { code: await ended, passed: count.passed, failed: count.failed }
}

// A Ctrl-C reaches tap as well, and ends its output; the server has to be stopped after that.
process.on('SIGINT', () => {})

process.exitCode = await main()
