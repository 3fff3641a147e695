// A route that requires a caller has one, or is refused.
import t from 'tap'
import { type Caller, callerOf } from '../../lib/auth/caller.ts'
import { errors } from '../../lib/errors.ts'

t.test('the caller of a request is the one that was admitted', async (t) => {
  const caller = { id: 'a', username: 'alice' } as Caller
  t.equal(callerOf({ caller }), caller)
})

t.test('a request without a caller is unauthenticated', async (t) => {
  t.throws(() => callerOf({ caller: null }), errors.unauthenticated())
})
