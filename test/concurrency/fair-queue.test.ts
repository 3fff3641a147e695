// Keys take turns, whatever each has waiting.
import t from 'tap'
import { FairQueue } from '../../lib/concurrency/fair-queue.ts'

/** Works that end when they are told to, in the order in which they began. */
function works() {
  const began: string[] = []
  const ends: (() => void)[] = []
  const work = (name: string) => () =>
    new Promise<string>((resolve) => {
      began.push(name)
      ends.push(() => resolve(name))
    })
  const endNext = async () => {
    ends.shift()?.()
    await new Promise(setImmediate)
  }
  return { began, work, endNext }
}

t.test('another key waits for one work, not for all that were there before', async (t) => {
  const queue = new FairQueue({ running: 1, waiting: 100 })
  const { began, work, endNext } = works()
  const all = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'].map((name) => queue.run(name[0] as string, work(name)))
  for (let n = 0; n < 6; n++) await endNext()
  t.strictSame(began, ['a1', 'a2', 'b1', 'c1', 'a3', 'b2'])
  t.strictSame(await Promise.all(all), ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'])
})

t.test('a key that is alone has every place', async (t) => {
  const queue = new FairQueue({ running: 3, waiting: 100 })
  const { began, work } = works()
  for (const name of ['a1', 'a2', 'a3', 'a4']) queue.run('a', work(name))
  t.strictSame(began, ['a1', 'a2', 'a3'])
})

t.test('a key has only so many waiting; another still has room', async (t) => {
  const queue = new FairQueue({ running: 1, waiting: 2 })
  const { work, endNext } = works()
  const first = ['a1', 'a2', 'a3'].map((name) => queue.run('a', work(name)))
  await t.rejects(queue.run('a', work('a4')), { message: /try again/ })
  const other = queue.run('b', work('b1'))
  for (let n = 0; n < 4; n++) await endNext()
  t.strictSame(await Promise.all([...first, other]), ['a1', 'a2', 'a3', 'b1'])
})

t.test('work that fails leaves its place', async (t) => {
  const queue = new FairQueue({ running: 1, waiting: 2 })
  await t.rejects(
    queue.run('a', async () => Promise.reject(new Error('no'))),
    /no/,
  )
  t.equal(await queue.run('a', async () => 'yes'), 'yes')
})
