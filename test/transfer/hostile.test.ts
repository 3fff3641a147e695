// An export may come from anybody: whatever is in it, a server stores nothing that it could not have stored itself, says why in
// a line, and keeps nothing of what it refuses.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openStorage } from '../../lib/files/open-storage.ts'
import { exportTenant } from '../../lib/transfer/export-store.ts'
import { importTenant } from '../../lib/transfer/import-store.ts'
import { asAdmin } from '../support/app.ts'
import { filesIn } from '../support/files/app.ts'
import { temporary } from '../support/temporary.ts'
import { entriesOf, type ForgedEntry, forge, withRows } from '../support/transfer/forge.ts'
import { startSchool } from '../support/transfer/tenants.ts'

const progress = () => {}

const HASH = '$argon2id$v=19$m=7168,t=5,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b7dWRWJTmaQ'

type Definition = Record<string, unknown> & { fields: Record<string, unknown>[] }

/** Changes the definition of an entity. */
const defined = (entries: ForgedEntry[], change: (definition: Definition) => object, table = 'entity') =>
  withRows(entries, table, (row) => ({ ...row, definition: change(row.definition as Definition) }))

const keyed = (entries: ForgedEntry[], key: string) =>
  defined(entries, ({ fields, ...rest }) => ({
    ...rest,
    fields: fields.map((field, at) => (at === 0 ? { ...field, key } : field)),
  }))

const inserted = (entries: ForgedEntry[], more: ForgedEntry) => [
  ...entries.slice(0, 1),
  more,
  ...entries.slice(1),
]

const text = Buffer.from('x')

const ofRecords = (entries: ForgedEntry[], change: (row: Record<string, unknown>) => unknown) =>
  withRows(entries, 'record', (row) => (row.entity_id === 0 ? row : change(row)))

const FORGERIES: [string, (entries: ForgedEntry[]) => ForgedEntry[], RegExp][] = [
  ['a way out', (all) => inserted(all, { name: '../../etc/passwd', content: text }), /does not belong there/],
  [
    'an absolute path',
    (all) => inserted(all, { name: '/etc/passwd', content: text }),
    /does not belong there/,
  ],
  [
    'a file with a way out',
    (all) => inserted(all, { name: 'files/../x', content: text }),
    /does not belong there/,
  ],
  [
    'a link',
    (all) =>
      inserted(all, {
        name: 'files/01980000-0000-7000-8000-000000000000',
        content: Buffer.alloc(0),
        header: { type: 'symlink', linkname: '/etc/passwd' },
      }),
    /does not belong there/,
  ],
  [
    'a table of the server',
    (all) => inserted(all, { name: 'rows/migration/000001.ndjson', content: text }),
    /does not belong/,
  ],
  ['no manifest', (all) => all.slice(1), /does not begin as one/],
  ['two manifests', (all) => inserted(all, all[0] as ForgedEntry), /two manifests/],
  [
    'another manifest',
    (all) => [{ name: 'manifest.json', content: Buffer.from('[]') }, ...all.slice(1)],
    /no exported tenant/,
  ],
  [
    'no JSON',
    (all) => [...all.slice(0, 1), { name: 'rows/role/000001.ndjson', content: Buffer.from('{"a":\n') }],
    /is no JSON/,
  ],
  ['no row', (all) => withRows(all, 'role', () => 5), /is no object/],
  [
    'an inherited name',
    (all) => withRows(all, 'role', () => ({ name: '__proto__', description: null })),
    /row of role/,
  ],
  [
    'a role that is built in',
    (all) => withRows(all, 'role', (row) => ({ ...row, name: 'operator' })),
    /no name of a role/,
  ],
  [
    'an endless time',
    (all) => withRows(all, 'role', (row) => ({ ...row, created_at: 'infinity' })),
    /no timestamptz in created_at/,
  ],
  [
    'a null character',
    (all) => withRows(all, 'role', (row) => ({ ...row, description: 'a\0' })),
    /no text in description/,
  ],
  [
    'a costly hash',
    (all) => withRows(all, 'account', (row) => ({ ...row, password_hash: HASH.replace('7168', '999999') })),
    /hash/,
  ],
  [
    'no hash',
    (all) => withRows(all, 'account', (row) => ({ ...row, password_hash: 'plain' })),
    /no hash of a password/,
  ],
  [
    'a name with a slash',
    (all) => withRows(all, 'account', (row) => ({ ...row, username: 'a/b' })),
    /no user name/,
  ],
  [
    'two of a name',
    (all) => withRows(all, 'account', (row) => ({ ...row, username: 'same' })),
    /duplicate key/,
  ],
  ['SQL as a key', (all) => keyed(all, `x' or true --`), /definition of \w+ cannot be read/],
  ['an inherited key', (all) => keyed(all, 'constructor'), /definition of \w+ cannot be read/],
  ['a definition of nothing', (all) => defined(all, () => ({})), /definition of \w+ cannot be read/],
  [
    'fields of nothing',
    (all) => defined(all, () => ({ fields: [null] })),
    /definition of \w+ cannot be read/,
  ],
  [
    'an unknown type',
    (all) => defined(all, ({ fields }) => ({ fields: [{ ...fields[0], type: 'toString' }] })),
    /definition of \w+/,
  ],
  [
    'an option of no type',
    (all) => defined(all, ({ fields, ...rest }) => ({ ...rest, fields: [{ ...fields[0], sql: 'drop' }] })),
    /definition of \w+ is not valid: \/fields\/0/,
  ],
  [
    'a reserved name',
    (all) => withRows(all, 'entity', (row) => ({ ...row, name: 'auth' })),
    /definition of auth/,
  ],
  ['an entity of files', (all) => withRows(all, 'entity', (row) => ({ ...row, id: 0 })), /id of another/],
  [
    'a relation to nowhere',
    (all) =>
      defined(all, ({ fields, ...rest }) => ({
        ...rest,
        fields: fields.map((field) => (field.type === 'relation' ? { ...field, entity: 'nowhere' } : field)),
      })),
    /a relation of student leads to no entity/,
  ],
  [
    'a rule that is none',
    (all) => defined(all, (rules) => ({ ...rules, read: { filter: 'a=(', fields: {} } }), 'permission'),
    /permission/,
  ],
  [
    'a record of no entity',
    (all) => ofRecords(all, (row) => ({ ...row, entity_id: 999_999 })),
    /belongs to no entity/,
  ],
  ['an id that is none', (all) => ofRecords(all, (row) => ({ ...row, id: 'x' })), /no uuid in id/],
  [
    'the same record twice',
    (all) => ofRecords(all, (row) => ({ ...row, id: '01980000-0000-7000-8000-000000000000' })),
    /duplicate key|foreign key/,
  ],
  [
    'a value of another type',
    (all) =>
      ofRecords(all, (row) => ({ ...row, data: { ...(row.data as object), name: 'x', age: { a: 1 } } })),
    /no value of its type in age/,
  ],
  [
    'a relation to no record',
    (all) =>
      ofRecords(all, (row) => ({
        ...row,
        data: { ...(row.data as object), friend: '01980000-0000-7000-8000-000000000000' },
      })),
    /foreign key/,
  ],
  [
    'a file without a size',
    (all) =>
      withRows(all, 'record', (row) => (row.entity_id === 0 ? { ...row, data: { filename: 'x' } } : row)),
    /describes no file/,
  ],
  [
    'bytes of another file',
    (all) =>
      all.map((one) => (one.name.startsWith('files/') ? { ...one, content: Buffer.from('b photo') } : one)),
    /another checksum/,
  ],
  [
    'more bytes than the row says',
    (all) =>
      all.map((one) => (one.name.startsWith('files/') ? { ...one, content: Buffer.alloc(99_999) } : one)),
    /./,
  ],
  [
    'rows that come late',
    (all) => [...all, ...all.filter(({ name }) => name.startsWith('rows/role'))],
    /come too late/,
  ],
]

t.test('what a server could not have written is refused in a line, and nothing is kept of it', async (t) => {
  const { app, database } = await startSchool(t)
  const { blobs } = await openStorage(app.settings)
  const target = { url: database.url, blobs, progress }
  const directory = temporary(t)
  const file = join(directory, 'school.tar')
  await exportTenant(target, 'school', file)
  const entries = await entriesOf(file)
  const kept = (await filesIn(app.settings.FILE_STORAGE_PATH)).length
  const path = join(directory, 'forged.tar')
  for (const [name, change, message] of FORGERIES) {
    await t.rejects(importTenant(target, await forge(path, change(entries)), 'copy'), { message }, name)
    const error = await importTenant(target, path, 'copy').catch((reason) => reason)
    t.equal(
      error.name === 'StartError' || error.constructor.name === 'Problem',
      true,
      `${name}: ${error.stack}`,
    )
    t.notMatch(error.message, '\n', 'in a line')
  }
  const bytes = readFileSync(file)
  const broken: [string, Buffer, RegExp][] = [
    ['nothing', Buffer.alloc(0), /breaks off/],
    ['no tar', Buffer.from('hello'.repeat(1000)), /cannot be read/],
    ['half of it', bytes.subarray(0, bytes.length / 2), /cannot be read|breaks off/],
    ['without its end', bytes.subarray(0, 1024), /cannot be read|breaks off/],
  ]
  for (const [name, content, message] of broken) {
    writeFileSync(path, content)
    await t.rejects(importTenant(target, path, 'copy'), { name: 'StartError', message }, name)
  }
  await t.rejects(importTenant(target, await forge(path, entries, 'x'), 'copy'), { message: /is damaged/ })
  await t.rejects(importTenant(target, `${path}.missing`, 'copy'), { name: 'StartError', message: /ENOENT/ })

  const names = (await (await asAdmin(app))('GET', '/tenants'))
    .json()
    .map((one: { name: string }) => one.name)
  t.strictSame(names.sort(), ['default', 'school'])
  t.equal((await filesIn(app.settings.FILE_STORAGE_PATH)).length, kept, 'no bytes and no notes are left')
  t.ok(readdirSync(directory).length > 0)
  await importTenant(target, file, 'copy')
})
