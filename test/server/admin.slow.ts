// The operator's commands, beside a server and without one: a lost password is replaced, a database moves.
import t from 'tap'
import { client } from '../support/server/client.ts'
import { signIn, startServer } from '../support/server-process.ts'
import { createEmptyDatabase } from '../support/test-database.ts'

const password = 'correct-horse'

const reset = ['reset-password', 'admin']

function printedPassword(output: string): string {
  return /shown this once: (\S+)\n/.exec(output)?.[1] ?? ''
}

t.test('a lost password is replaced while the server runs, and while it does not', async (t) => {
  const cwd = t.testdir({})
  const server = startServer(t, { cwd, env: { ADMIN_PASSWORD: password } })
  const url = await server.listening
  const first = startServer(t, { cwd, program: 'admin', args: [...reset, '--tenant', 'default'] })
  t.equal(await first.ended, 0)
  t.equal((await signIn(url, password)).status, 401)
  t.equal((await signIn(url, printedPassword(first.output()))).status, 200)
  t.equal(await server.stop(), 0)
  const second = startServer(t, { cwd, program: 'admin', args: reset })
  t.equal(await second.ended, 0)
  const again = startServer(t, { cwd })
  t.equal((await signIn(await again.listening, printedPassword(second.output()))).status, 200)
})

t.test('it works on an external database, without its SECRET_KEY', async (t) => {
  const DATABASE_URL = await createEmptyDatabase(t)
  const cwd = t.testdir({})
  const SECRET_KEY = 'a secret for tests only, 32 bytes and more'
  const server = startServer(t, { cwd, env: { DATABASE_URL, SECRET_KEY, ADMIN_PASSWORD: password } })
  const url = await server.listening
  const command = startServer(t, { cwd, env: { DATABASE_URL }, program: 'admin', args: reset })
  t.equal(await command.ended, 0)
  t.equal((await signIn(url, printedPassword(command.output()))).status, 200)
  const unknown = startServer(t, {
    cwd,
    env: { DATABASE_URL },
    program: 'admin',
    args: ['reset-password', 'bob'],
  })
  t.equal(await unknown.ended, 1)
  t.equal(unknown.output(), 'There is no user "bob".\n')
})

t.test('a database moves from the embedded PostgreSQL to another and back', async (t) => {
  const DATABASE_URL = await createEmptyDatabase(t)
  const SECRET_KEY = 'a secret for tests only, 32 bytes and more'
  const cwd = t.testdir({ dumps: {} })
  const run = async (args: string[], env: Record<string, string> = {}) => {
    const command = startServer(t, { cwd, env, program: 'admin', args })
    t.equal(await command.ended, 0, command.output())
  }
  const embedded = startServer(t, { cwd, env: { ADMIN_PASSWORD: password } })
  const send = await client(await embedded.listening)
  t.equal((await send('POST', '/schemas/', { entity_name: 'note', fields: [] })).status, 201)
  const { body } = await send('POST', '/note/', {})
  await run(['dump', 'dumps/running'])
  t.equal(await embedded.stop(), 0)
  await run(['dump', 'dumps/stopped'])
  await run(['restore', 'dumps/running'], { DATABASE_URL })

  const external = startServer(t, { cwd, env: { DATABASE_URL, SECRET_KEY } })
  const there = await client(await external.listening)
  t.equal((await there('GET', `/note/${body.id}`)).status, 200)
  const { body: second } = await there('POST', '/note/', {})
  await run(['dump', 'dumps/external'], { DATABASE_URL })

  // As to the next major version: another directory, and a database that restore creates.
  const DATA_DIR = './moved'
  await run(['restore', 'dumps/external'], { DATA_DIR })
  const moved = startServer(t, { cwd, env: { DATA_DIR } })
  const back = await client(await moved.listening)
  for (const { id } of [body, second]) t.equal((await back('GET', `/note/${id}`)).status, 200)
  const refused = startServer(t, {
    cwd,
    env: { DATA_DIR },
    program: 'admin',
    args: ['restore', 'dumps/stopped'],
  })
  t.equal(await refused.ended, 1)
  t.match(refused.output(), /^Another Univera .* uses the database/)
})

t.test('what it does not understand is refused with its usage', async (t) => {
  const cwd = t.testdir({})
  const scenarios = [
    { args: ['--help'], code: 0, output: /^Usage: / },
    { args: [], code: 1, output: /^Usage: / },
    { args: ['reset-password'], code: 1, output: /^Usage: / },
    { args: ['drop-everything', 'now'], code: 1, output: /^Usage: / },
    { args: [...reset, '--force'], code: 1, output: /Unknown option '--force'/ },
    { args: ['dump'], code: 1, output: /^Usage: / },
    { args: ['restore', 'a', 'b'], code: 1, output: /^Usage: / },
    { args: ['toString', 'a'], code: 1, output: /^Usage: / },
    { args: ['dump', 'a'], code: 1, output: /^There is no database in \.\/data/ },
    { args: reset, code: 1, output: /^There is no database in \.\/data/ },
  ]
  for (const { args, code, output } of scenarios) {
    const command = startServer(t, { cwd, program: 'admin', args })
    t.equal(await command.ended, code, args.join(' '))
    t.match(command.output(), output)
  }
})
