// Connections beyond the caps find no place, and leave one when they close.
import t from 'tap'
import { ConnectionCap } from '../../lib/http/connection-cap.ts'

t.test('an address has its share, all have theirs', async (t) => {
  const cap = new ConnectionCap({ all: 3, address: 2 }, () => false)
  t.strictSame([cap.take('a'), cap.take('a'), cap.take('a')], [true, true, false])
  t.strictSame([cap.take('b'), cap.take('c')], [true, false])
  cap.release('a')
  t.strictSame([cap.take('c'), cap.take('a')], [true, false])
})

t.test('a proxy has as many as there are', async (t) => {
  const cap = new ConnectionCap({ all: 3, address: 1 }, (address) => address === 'proxy')
  t.strictSame([cap.take('proxy'), cap.take('proxy'), cap.take('proxy')], [true, true, true])
  t.notOk(cap.take('proxy'))
})
