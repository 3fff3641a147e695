// The command that replaces a lost password, beside a server and without one.
import t from 'tap'
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

t.test('what it does not understand is refused with its usage', async (t) => {
  const cwd = t.testdir({})
  const scenarios = [
    { args: ['--help'], code: 0, output: /^Usage: / },
    { args: [], code: 1, output: /^Usage: / },
    { args: ['reset-password'], code: 1, output: /^Usage: / },
    { args: ['drop-everything', 'now'], code: 1, output: /^Usage: / },
    { args: [...reset, '--force'], code: 1, output: /Unknown option '--force'/ },
    { args: reset, code: 1, output: /^There is no database in \.\/data/ },
  ]
  for (const { args, code, output } of scenarios) {
    const command = startServer(t, { cwd, program: 'admin', args })
    t.equal(await command.ended, code, args.join(' '))
    t.match(command.output(), output)
  }
})
