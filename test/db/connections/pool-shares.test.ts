// Turns at the connections: what waits too long is refused and never done, and the smallest pool has a place.
import t from 'tap'
import { poolLimiter } from '../../../lib/db/connections/pool-shares.ts'
import { errors } from '../../../lib/errors.ts'

const poolOf = (max: number) => ({ options: { max, connectionTimeoutMillis: 50 } }) as never

for (const max of [1, 2, 3, 10]) {
  t.test(`of ${max} connections a tenant has some, and who waits too long is refused`, async (t) => {
    const turns = poolLimiter(poolOf(max), { all: 0.7, tenant: 0.4 })
    const places = Math.ceil(0.4 * max)
    const ends: (() => void)[] = []
    const held = Array.from({ length: places }, () =>
      turns.run('one', () => new Promise<void>((resolve) => ends.push(resolve))),
    )
    let done = 0
    const late = turns.run('one', async () => {
      done += 1
    })
    if (max > 1) t.equal(await turns.run('other', async () => 'served'), 'served')
    await t.rejects(late, { message: errors.unavailable().message })
    for (const end of ends) end()
    await Promise.all(held)
    t.equal(await turns.run('one', async () => 'served'), 'served', 'the places are free again')
    t.equal(done, 0, 'what was refused is not done')
    await t.rejects(
      turns.run('one', async () => {
        throw new Error('its own')
      }),
      { message: 'its own' },
    )
  })
}
