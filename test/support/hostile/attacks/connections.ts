// Attacks on what all share: the database's connections, the sockets, the memory of answers that wait, the hashing.

import { ATTACKER, PASSWORD } from '../arena.ts'
import type { Attack, Attacker } from '../duel.ts'
import { slowSocket } from './slow-socket.ts'
import { make, makeDocuments, makeEntity } from './world.ts'

const ROLES = 18

const people = (more: object[] = []) => [{ name: 'name', type: 'string' }, ...more]

const connections: Attack = {
  name: 'a long import beside changes of its schema and of roles',
  parallel: ROLES + 4,
  prepare: async (attacker) => {
    await makeEntity(attacker, 'person', people())
  },
  async strike(attacker, turn) {
    const place = turn % (ROLES + 4)
    if (place === 0)
      await slowSocket(attacker, importOf(attacker), { write: `${'{"name":"x"}\n'.repeat(2000)}`, every: 50 })
    else if (place < 4)
      await attacker.send('PUT', '/schemas/person', { entity_name: 'person', fields: people() })
    else await attacker.send('PUT', `/auth/roles/r${place}`, { description: `turn ${turn}` })
  },
}

const importOf = ({ url }: Attacker) => ({
  url,
  method: 'POST',
  path: '/person/',
  type: 'application/x-ndjson',
})

const unread: Attack = {
  name: 'forty clients that do not read a list of 24 MB',
  parallel: 40,
  // 96 MiB may wait for the clients of one tenant.
  mostServed: 4,
  prepare: async (attacker) => {
    await makeDocuments(attacker, 30)
  },
  strike: (attacker) =>
    slowSocket(attacker, { url: attacker.url, method: 'GET', path: '/doc/?limit=25' }, { reads: false }),
}

const slowExports: Attack = {
  name: 'NDJSON exports read slowly',
  parallel: 12,
  prepare: async (attacker) => {
    await makeDocuments(attacker, 30)
  },
  strike: (attacker) =>
    slowSocket(
      attacker,
      { url: attacker.url, method: 'GET', path: '/doc/', accept: 'application/x-ndjson' },
      { reads: 'slowly' },
    ),
}

const sockets: Attack = {
  name: 'two thousand connections from one address, with bodies that trickle',
  parallel: 2000,
  prepare: async (attacker) => {
    await makeEntity(attacker, 'person', people())
  },
  strike: (attacker) =>
    slowSocket(
      attacker,
      { url: attacker.url, method: 'POST', path: '/person/', type: 'application/json', length: 100_000 },
      { write: '[', every: 2000 },
    ),
}

const signIns: Attack = {
  name: '320 sign-ins at once, with the right password',
  parallel: 320,
  async strike({ send }) {
    await send('POST', '/auth/token', { username: ATTACKER, password: PASSWORD })
  },
}

const USERS = 40

const guesses: Attack = {
  name: 'sign-ins of many users with right and wrong passwords',
  parallel: 100,
  prepare: async (attacker) => {
    for (let n = 0; n < USERS; n++)
      await make(attacker, '/auth/users', { username: `u${n}`, password: PASSWORD, role: 'user' })
  },
  async strike({ send, random }) {
    const password = random.chance(0.5) ? PASSWORD : 'no password'
    await send('POST', '/auth/token', { username: `eve/u${random.below(2 * USERS)}`, password })
  },
}

export const connectionAttacks: Attack[] = [connections, unread, slowExports, sockets, signIns, guesses]
