// What refusing a definition costs.
import t from 'tap'
import { refusal } from '../../support/schema/define.ts'
import { hostileDefinitions } from '../../support/schema/hostile.ts'

t.test('hostile definitions are refused fast', async (t) => {
  const definitions = Object.values(hostileDefinitions())
  const start = performance.now()
  for (const definition of definitions) refusal(definition)
  t.ok(performance.now() - start < 8000)
})
