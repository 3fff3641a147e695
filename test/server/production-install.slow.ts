// An installation without Docker and without the packages for development: `NODE_ENV=production npm ci && npm start`.
import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { PASSWORD } from '../support/server/client.ts'
import { npm } from '../support/server/registry.ts'
import { smoke } from '../support/server/smoke.ts'
import { startServer } from '../support/server-process.ts'

const SOURCES = [
  ...['package.json', 'package-lock.json', '.npmrc', 'tsconfig.json', 'tsconfig.build.json', 'prepare.mjs'],
  ...['lib', 'plugins', 'routes', 'app.ts', 'server.ts', 'admin.ts', 'test', 'bench'],
]

const root = fileURLToPath(new URL('../../../', import.meta.url))

const ways = [
  { name: 'NODE_ENV=production npm ci', args: ['ci'], env: { NODE_ENV: 'production' } },
  { name: 'npm ci --omit=dev', args: ['ci', '--omit=dev'], env: {} },
]

for (const { name, args, env } of ways) {
  t.test(`${name} gives a server that starts`, async (t) => {
    const cwd = t.testdir({})
    for (const source of SOURCES) await cp(join(root, source), join(cwd, source), { recursive: true })
    const unreachable = await npm(args, cwd, env)
    if (unreachable !== undefined) {
      t.pass(unreachable, { skip: `${unreachable}: ${name} is not tried` })
      return
    }
    t.notOk(existsSync(join(cwd, 'node_modules', 'tap')), 'without the packages for development')
    t.notOk(existsSync(join(cwd, 'dist', 'test')), 'and without what needs them')
    const options = {
      cwd,
      dist: join(cwd, 'dist'),
      env: { NODE_ENV: 'production', ADMIN_PASSWORD: PASSWORD },
    }
    const server = startServer(t, options)
    await smoke(t, await server.listening)
    t.equal(await server.stop(), 0)
  })
}
