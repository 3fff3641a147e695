// (to be described)

import { chmodSync, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findBinaries } from '../../../lib/postgres/embedded/binaries.ts'
import { copyPackage, linkLibraries } from '../../../lib/postgres/embedded/binaries-copy.ts'

const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]

function packageAs(directory: string, mode: number): string {
  const root = join(directory, 'native')
  mkdirSync(join(root, 'bin'), { recursive: true })
  mkdirSync(join(root, 'lib', 'pkgconfig'), { recursive: true })
  writeFileSync(join(root, 'pg-symlinks.json'), JSON.stringify(links))
  writeFileSync(join(root, 'bin', 'postgres'), '#!/bin/sh\n', { mode })
  writeFileSync(join(root, 'lib', 'libpq.so.5.18'), 'library', { mode })
  writeFileSync(join(root, 'lib', 'libpq.a'), 'archive')
  return root
}

t.test('links that an install without scripts leaves out are made, again and again', async (t) => {
  const root = packageAs(t.testdir({}), 0o700)
  await linkLibraries(root)
  await linkLibraries(root)
  t.equal(readlinkSync(join(root, 'lib', 'libpq.so.5')), 'libpq.so.5.18')
})

t.test('a copy is complete, readable for every account, and made once', async (t) => {
  const directory = t.testdir({})
  const root = packageAs(directory, 0o700)
  const target = join(directory, 'copies', 'postgresql-18')
  await copyPackage(root, target)
  t.equal(statSync(join(target, 'bin', 'postgres')).mode & 0o777, 0o755)
  t.equal(statSync(join(target, 'lib')).mode & 0o777, 0o755)
  t.equal(readFileSync(join(target, 'lib', 'libpq.so.5'), 'utf8'), 'library')
  t.throws(() => statSync(join(target, 'lib', 'libpq.a')), 'what a server does not need is left out')
  writeFileSync(join(target, 'bin', 'postgres'), 'kept')
  await copyPackage(root, target)
  t.equal(readFileSync(join(target, 'bin', 'postgres'), 'utf8'), 'kept')
})

t.test('a place that others can write to is refused', async (t) => {
  const directory = t.testdir({ copies: { 'postgresql-18': {} } })
  const root = packageAs(directory, 0o700)
  chmodSync(join(directory, 'copies', 'postgresql-18'), 0o777)
  await t.rejects(copyPackage(root, join(directory, 'copies', 'postgresql-18')), {
    message: /only this user/,
  })
  chmodSync(join(directory, 'copies'), 0o777)
  await t.rejects(copyPackage(root, join(directory, 'copies', 'other')), { message: /only this user/ })
})

t.test('the programs for this platform run', async (t) => {
  const { postgres, major } = await findBinaries(t.testdir({}), undefined)
  t.ok(statSync(postgres).isFile())
  t.match(major, /^\d+$/)
})
