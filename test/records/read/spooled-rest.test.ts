// The rest of a stream in a temporary file: everything arrives once and in order, whatever there is room for.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { TenantBudget } from '../../../lib/concurrency/tenant-budget.ts'
import { errors } from '../../../lib/errors.ts'
import { Spool } from '../../../lib/files/spool.ts'
import { SpooledRest } from '../../../lib/records/read/spooled-rest.ts'

async function spoolOf(t: Test, bytes: number) {
  const directory = await mkdtemp(join(tmpdir(), 'spooled-'))
  const budget = new TenantBudget({ all: bytes, tenant: bytes, least: 1 })
  const spool = await Spool.open(directory, budget.open('a'))
  t.teardown(async () => {
    await spool.close()
    await rm(directory, { recursive: true, force: true })
  })
  return () => Promise.resolve(spool)
}

/** Texts of 1000 characters, then null or an error; counts how often it was asked. */
function sourceOf(texts: number, end: () => null = () => null) {
  const source = {
    asked: 0,
    next: async () => (source.asked++ < texts ? `${source.asked};`.padEnd(1000) : end()),
  }
  return source
}

const EXPECTED = Array.from({ length: 100 }, (_, at) => `${at + 1};`.padEnd(1000)).join('')

async function readAll(rest: SpooledRest): Promise<string> {
  let all = ''
  for (let piece = await rest.next(); piece !== null; piece = await rest.next()) all += piece.toString()
  return all
}

t.test('it is read at once and taken later', async (t) => {
  const source = sourceOf(100)
  const rest = new SpooledRest(await spoolOf(t, 1e6), source.next)
  await rest.filled
  t.equal(source.asked, 101)
  t.equal(await readAll(rest), EXPECTED)
})

t.test('it is taken while it is read', async (t) => {
  const rest = new SpooledRest(await spoolOf(t, 1e6), sourceOf(100).next)
  t.equal(await readAll(rest), EXPECTED)
})

t.test('what finds no room stays with its source', async (t) => {
  const source = sourceOf(100)
  const rest = new SpooledRest(await spoolOf(t, 20_500), source.next)
  await rest.filled
  t.ok(rest.hasNoRoom)
  t.equal(source.asked, 21)
  t.equal(await readAll(rest), EXPECTED)
})

t.test('without any file it is as without it', async (t) => {
  const rest = new SpooledRest(() => Promise.reject(errors.unavailable()), sourceOf(100).next)
  t.equal(await readAll(rest), EXPECTED)
})

t.test('the fault of a source comes after what it gave', async (t) => {
  const source = sourceOf(3, () => {
    throw new Error('lost')
  })
  const rest = new SpooledRest(await spoolOf(t, 1e6), source.next)
  await rest.filled
  t.equal((await rest.next())?.length, 3000)
  await t.rejects(rest.next(), { message: 'lost' })
})
