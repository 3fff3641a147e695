// The pure parts of signing in: what a login name, a refresh token and a role mean.

import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { v7 as uuid } from 'uuid'
import { type Access, mayAccess } from '../../lib/access/roles.ts'
import { bearerToken } from '../../lib/auth/admission.ts'
import { isCanonical, toClaims } from '../../lib/auth/claims.ts'
import { isUsername, parseLoginName } from '../../lib/auth/login-name.ts'
import { networkOf } from '../../lib/auth/network.ts'
import { createRefreshToken, parseRefreshToken } from '../../lib/auth/refresh-token.ts'

t.test('a login name is a tenant and a user name, or nothing', async (t) => {
  const names = [
    ['alice', { tenant: 'default', username: 'alice' }],
    ['acme/alice', { tenant: 'acme', username: 'alice' }],
    ['Alice Liddell', { tenant: 'default', username: 'Alice Liddell' }],
    ['alice@example.com', { tenant: 'default', username: 'alice@example.com' }],
    ['acme-2/名前', { tenant: 'acme-2', username: '名前' }],
    ['Zoe\u0308', { tenant: 'default', username: 'Zo\u00eb' }],
    ['acme/', null],
    ['/alice', null],
    ['acme/alice/x', null],
    ['Acme/alice', null],
    ["a'/alice", null],
    ['a/alice', null],
    [' alice', null],
    ['alice ', null],
    ['al\nice', null],
    ['al\u200bice', null],
    ['al\ud800ice', null],
    ['', null],
    ['x'.repeat(256), null],
  ] as const
  for (const [text, name] of names) t.strictSame(parseLoginName(text), name, JSON.stringify(text))
})

t.test('what is read from a login name is what was written, for every user name there can be', async () => {
  const username = fc.string({ unit: 'binary', maxLength: 300 }).filter(isUsername)
  fc.assert(
    fc.property(username, (name) => {
      const expected = { tenant: 'acme', username: name.normalize('NFC') }
      return JSON.stringify(parseLoginName(`acme/${name}`)) === JSON.stringify(expected)
    }),
  )
})

t.test('a refresh token is read back, and none of its other spellings', async (t) => {
  const tenantId = uuid()
  const id = uuid()
  const { text, hash } = createRefreshToken(tenantId, id)
  t.match(parseRefreshToken(text), { tenantId, id, hash })
  fc.assert(
    fc.property(
      fc.nat(text.length - 1),
      fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }),
      (at, other) => {
        const altered = text.slice(0, at) + other + text.slice(at + 1)
        const token = altered === text ? null : parseRefreshToken(altered)
        return token === null || token.tenantId !== tenantId || token.id !== id || !token.hash.equals(hash)
      },
    ),
    { numRuns: 1000 },
  )
  fc.assert(fc.property(fc.string(), (text) => parseRefreshToken(text) === null))
  const random = () => parseRefreshToken(`uvr_${randomBytes(64).toString('base64url')}`)
  for (let n = 0; n < 100; n++) t.doesNotThrow(random)
})

t.test('guesses are counted by the network that an address belongs to', async (t) => {
  const addresses = [
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8:1::6', '2001:db8:1:0::/64'],
    ['2001:db8::2:3:4:5:6', '2001:db8:0:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unix', 'unix'],
    ['', ''],
  ] as const
  for (const [address, network] of addresses) t.equal(networkOf(address), network)
})

t.test('a role opens what it should', async (t) => {
  const accesses: Access[] = ['public', 'anyone', 'visitor', 'user', 'admin', 'operator']
  const allowed = (role: string) => accesses.filter((access) => mayAccess(role, access))
  t.strictSame(allowed('operator'), accesses)
  t.strictSame(allowed('admin'), ['public', 'anyone', 'visitor', 'user', 'admin'])
  for (const role of ['user', 'teacher', 'constructor', 'Admin', 'admin '])
    t.strictSame(allowed(role), ['public', 'anyone', 'visitor', 'user'], role)
})

t.test('a bearer token is what follows the scheme', async (t) => {
  const headers = [
    ['Bearer abc', 'abc'],
    ['bearer abc.d-e_f', 'abc.d-e_f'],
    ['Bearer  abc== ', 'abc=='],
    ['Bearer', null],
    ['Bearer ', null],
    ['Bearer a b', null],
    ['Basic abc', null],
    ['xBearer abc', null],
    ['', null],
    [undefined, null],
  ] as const
  for (const [header, token] of headers) t.equal(bearerToken(header), token, String(header))
})

t.test('a payload without all the claims is no access token', async (t) => {
  const claims = { sub: uuid(), tid: uuid(), sid: uuid(), exp: 1 }
  t.strictSame(toClaims({ ...claims, iat: 1 }), claims)
  for (const name of Object.keys(claims)) t.equal(toClaims({ ...claims, [name]: undefined }), null)
  for (const other of [null, 1, 'x', [], { ...claims, sub: 1 }, { ...claims, exp: '1' }])
    t.equal(toClaims(other), null)
  t.ok(isCanonical('a.b.AAAA'))
  t.notOk(isCanonical('a.b.AB'))
})
