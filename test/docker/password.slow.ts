// The container reaches its database whatever characters the password has.
import t from 'tap'
import { composed } from '../support/docker/compose.ts'
import { startServer } from '../support/server-process.ts'
import { createEmptyDatabase } from '../support/test-database.ts'
import { administer } from '../support/test-server.ts'

const PASSWORDS = ['p@ss/w#rd%41:?&=', `"quoted" 'twice'\\ é+%`]

for (const password of PASSWORDS) {
  t.test(`POSTGRES_PASSWORD=${password}`, async (t) => {
    const user = `compose_${process.pid}`
    let admin = ''
    // After the database, which holds what the role owns.
    t.teardown(() => administer(admin, `drop role ${user}`))
    admin = await createEmptyDatabase(t)
    await administer(
      admin,
      `create role ${user} superuser login password '${password.replaceAll("'", "''")}'`,
    )

    const env = composed({ SECRET_KEY: 'a secret for tests only, 32 bytes', POSTGRES_PASSWORD: password })
    const url = new URL(env.DATABASE_URL ?? '')
    const there = new URL(admin)
    t.equal(url.password, '')
    // The database of the test in the place of the service `db`.
    const DATABASE_URL = `${url.protocol}//${user}@${there.host}${there.pathname}`
    const server = startServer(t, {
      cwd: t.testdir({}),
      env: { ...env, DATABASE_URL, PORT: '0', DATA_DIR: './data', FILE_STORAGE_PATH: './files' },
    })
    await server.listening
    t.equal(await server.stop(), 0)
  })
}
