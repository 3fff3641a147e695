// How long a server takes to end.
import t from 'tap'
import { startWithSlowSignIn } from '../support/server/slow-sign-in.ts'

t.test('a request that never ends does not keep the server from ending within ten seconds', async (t) => {
  const { server } = await startWithSlowSignIn(t)
  const since = performance.now()
  server.child.kill('SIGTERM')
  t.equal(await server.ended, 0)
  t.ok(performance.now() - since < 10_000, `${performance.now() - since} ms`)
})
