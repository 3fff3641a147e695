// Prefer: bulk=partial: every row that can be stored is, whatever became of those before it.

import t from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { onStatements } from '../support/sent-statements.ts'

const MISSING = '01980000-0000-7000-8000-000000000000'

const THING = {
  entity_name: 'thing',
  fields: [
    { name: 'code', type: 'string', unique: true },
    { name: 'serial', type: 'integer', unique: true },
    { name: 'part_of', type: 'relation', entity: 'thing' },
  ],
}

t.test('a unique value is taken by what is stored, not by what was refused', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  await send('POST', '/schemas', THING)
  const statuses = async (rows: unknown[], prefer = 'bulk=partial', query = '') => {
    const answer = await send('POST', `/thing${query}`, rows, { prefer })
    t.equal(answer.statusCode, 207, answer.body)
    return answer.json().map(({ status }: { status: number }) => status)
  }
  const lost = { part_of: MISSING }
  await send('POST', '/thing', { code: 'taken', serial: 1 })

  await t.test('of two rows with one value the second is stored when the first is refused', async (t) => {
    t.same(await statuses([{ code: 'a', ...lost }, { code: 'a' }, { code: 'a' }]), [409, 201, 409])
    t.same(await statuses([{ code: 'b', serial: 1 }, { code: 'b' }]), [409, 201])
    t.same(await statuses([{ code: 'c' }, { code: 'c', serial: 2 }, { serial: 2 }]), [201, 409, 201])
    const chain = [
      { code: 'd', serial: 3, ...lost },
      { code: 'e', serial: 3 },
      { code: 'e', serial: 4 },
    ]
    t.same(await statuses(chain), [409, 201, 409])
  })

  await t.test('so it is when rows are merged', async (t) => {
    const merge = 'bulk=partial,resolution=merge-duplicates'
    const rows = [
      { code: 'f', ...lost },
      { code: 'f', serial: 5 },
      { code: 'f', serial: 6 },
    ]
    t.same(await statuses(rows, merge, '?on_conflict=code'), [409, 201, 409])
    t.same(
      await statuses(
        [
          { code: 'taken', ...lost },
          { code: 'taken', serial: 7 },
        ],
        merge,
        '?on_conflict=code',
      ),
      [409, 200],
    )
    const ignore = 'bulk=partial,resolution=ignore-duplicates'
    t.same(
      await statuses(
        [{ code: 'g', ...lost }, { code: 'g', serial: 8 }, { code: 'g' }],
        ignore,
        '?on_conflict=code',
      ),
      [409, 201, 200],
    )
  })

  await t.test('a thousand of them that all come to nothing cost no thousand tries', async (t) => {
    const rows = Array.from({ length: 1000 }, () => ({ code: 'h', ...lost }))
    let tries = 0
    onStatements(t, ([first]) => {
      if (first?.text === 'savepoint attempt') tries += 1
    })
    t.same(new Set(await statuses(rows)), new Set([409]))
    t.ok(tries > 1 && tries < 20, `${tries} tries`)
  })

  await t.test('all or nothing still tells of both', async (t) => {
    const answer = await send('POST', '/thing', [{ code: 'i', ...lost }, { code: 'i' }])
    t.equal(answer.statusCode, 409)
    t.match(answer.body, /"row":1/)
  })
})
