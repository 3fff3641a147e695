// Transfers that move too little are found, whatever the clock of the machine says.
import t from 'tap'
import { ProgressWatch } from '../../lib/http/progress-watch.ts'

interface Transfer {
  bytes: number | null
}

const watching = () => new ProgressWatch<Transfer>(({ bytes }) => bytes, { window: 30, least: 10 })

t.test('a transfer that moves too little in a window is stalled', async (t) => {
  const watch = watching()
  const slow: Transfer = { bytes: 0 }
  const quick: Transfer = { bytes: 0 }
  watch.add(slow, 0)
  watch.add(quick, 0)
  slow.bytes = 9
  quick.bytes = 10
  t.strictSame(watch.stalled(29), [], 'the window is not over')
  t.strictSame(watch.stalled(30), [slow])
})

t.test('each window counts by itself', async (t) => {
  const watch = watching()
  const transfer: Transfer = { bytes: 0 }
  watch.add(transfer, 0)
  transfer.bytes = 1000
  t.strictSame(watch.stalled(30), [])
  transfer.bytes = 1009
  t.strictSame(watch.stalled(60), [transfer])
})

t.test('a window begins with the last progress that was enough', async (t) => {
  const watch = watching()
  const transfer: Transfer = { bytes: 0 }
  watch.add(transfer, 0)
  transfer.bytes = 1000
  t.strictSame(watch.stalled(5), [])
  t.strictSame(watch.stalled(34), [])
  t.strictSame(watch.stalled(35), [transfer])
})

t.test('a transfer that this side holds up is not stalled', async (t) => {
  const watch = watching()
  const transfer: Transfer = { bytes: null }
  watch.add(transfer, 0)
  t.strictSame(watch.stalled(30), [])
  t.strictSame(watch.stalled(100), [])
})

t.test('what is deleted is watched no longer', async (t) => {
  const watch = watching()
  const transfer: Transfer = { bytes: 0 }
  watch.add(transfer, 0)
  watch.delete(transfer)
  t.strictSame(watch.stalled(1000), [])
})
