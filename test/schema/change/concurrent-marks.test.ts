// A change of a definition and another of its marks at the same time: neither undoes the other.
import t from 'tap'
import { replaceEntity } from '../../../lib/schema/change/replace-store.ts'
import { markOrderedByTime } from '../../../lib/schema/entity-store.ts'
import { asAdmin, startWithAdmin } from '../../support/app.ts'
import { define, put } from '../../support/schema/define.ts'

t.test('a mark that is set while a change is prepared stays', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  await send('POST', '/schemas/', { entity_name: 'student', fields: [{ name: 'a', type: 'string' }] })
  const { tenant } = (await send('GET', '/auth/me')).json()
  const snapshot = async () => {
    const found = await app.registry.tenant(tenant.id)
    if (found === null) throw new Error('no tenant')
    app.registry.evict(found)
    return (await app.registry.tenant(tenant.id)) ?? found
  }
  const before = await app.registry.entity(await snapshot(), 'student')
  let marked = false
  const db: Pick<typeof app.db, 'transaction' | 'stream'> = {
    stream: (scope, statement) => app.db.stream(scope, statement),
    transaction: async (scope, target, work) => {
      // Between the plan and the moment in which it comes into force.
      if (target === 'metadata' && !marked) {
        marked = true
        await app.db.transaction(scope, 'metadata', (tx) => markOrderedByTime(tx, before))
      }
      return app.db.transaction(scope, target, work)
    },
  }
  const parsed = define({ fields: [{ name: 'a', type: 'text' }] }, put)
  await replaceEntity(
    { db, directory: app.directory },
    {
      tenantId: tenant.id,
      name: 'student',
      revise: () => parsed,
      grace: undefined,
      action: 'schema.change',
      versions: undefined,
    },
  )
  const after = await app.registry.entity(await snapshot(), 'student')
  t.equal(after.fields[0]?.type, 'text')
  t.equal(after.orderedByTime, true)
})
