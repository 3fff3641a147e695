// What one tenant's imports may take from the others: places among those that run, and room on the disk.

import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { TenantBudget } from '../../lib/concurrency/tenant-budget.ts'
import { TenantLimiter } from '../../lib/concurrency/tenant-limiter.ts'
import { errors } from '../../lib/errors.ts'
import { Spool } from '../../lib/files/spool.ts'

const NO_ROOM = { message: errors.unavailable().message }

t.test(
  'however many imports a tenant sends, another waits for none of them but those that run',
  async (t) => {
    const turns = new TenantLimiter(3, 2)
    const ended: string[] = []
    const running: string[] = []
    let most = 0
    const run = (tenant: string) =>
      turns.run(tenant, async () => {
        running.push(tenant)
        most = Math.max(most, running.length)
        t.ok(running.filter((one) => one === tenant).length <= 2)
        await turn()
        running.splice(running.indexOf(tenant), 1)
        ended.push(tenant)
        if (tenant === 'broken') throw new Error('broken')
      })
    const many = Array.from({ length: 20 }, () => run('greedy'))
    await t.rejects(run('broken'), /broken/)
    await run('modest')
    t.ok(ended.length < 10, `after ${ended.length} of 22`)
    await Promise.all([...many, ...Array.from({ length: 6 }, () => run('modest'))])
    t.equal(most, 3)
  },
)

t.test('temporary files take no more room than there is, and give it back', async (t) => {
  const room = new TenantBudget({ all: 250, tenant: 100, least: 10 })
  const directory = await mkdtemp(join(tmpdir(), 'univera-room-'))
  const open = (tenant: string) => Spool.open(directory, room.open(tenant))
  const [one, two] = [await open('a'), await open('a')]
  await one.append('x'.repeat(80))
  await t.rejects(two.append('x'.repeat(21)), NO_ROOM)
  await two.append('x'.repeat(20))
  t.throws(() => room.open('a'), NO_ROOM)
  const others = [await open('b'), await open('c')]
  await others[0]?.append('x'.repeat(100))
  await t.rejects((others[1] as Spool).append('x'.repeat(51)), NO_ROOM)
  await Promise.all([one, two, ...others].map((spool) => spool.close()))
  await one.close()
  const again = await open('a')
  await again.append('x'.repeat(100))
  await again.close()
  await t.rejects(Spool.open('/dev/null/nowhere', room.open('a')))
  room.open('a').grow(100)
})
