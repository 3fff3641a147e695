// The server works on every Node that package.json promises: the lowest, the first and the last of those that people have. Each
// comes from npm's package `node`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { PASSWORD } from '../support/server/client.ts'
import { npm } from '../support/server/registry.ts'
import { smoke } from '../support/server/smoke.ts'
import { startServer } from '../support/server-process.ts'

const { engines } = JSON.parse(readFileSync('package.json', 'utf8'))

const [, lowest] = /^>=(\d+\.\d+)$/.exec(engines.node) ?? []

for (const version of [`${lowest}.0`, '21.7.0', '22.0.0', '22', '24']) {
  t.test(`the server works on Node ${version}`, async (t) => {
    const cwd = t.testdir({})
    const unreachable = await npm(['install', '--prefix', cwd, `node@${version}`], cwd)
    if (unreachable !== undefined) {
      t.pass(unreachable, { skip: `${unreachable}: Node ${version} is not tried` })
      return
    }
    const node = join(cwd, 'node_modules', 'node', 'bin', 'node')
    const server = startServer(t, { cwd, node, env: { ADMIN_PASSWORD: PASSWORD } })
    await smoke(t, await server.listening)
    t.equal(await server.stop(), 0)
  })
}
