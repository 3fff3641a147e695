// Errors of one statement, and those that leave open what has happened.

import pg from 'pg'
import t from 'tap'
import { isStatementError } from '../../lib/db/statement-errors.ts'

t.test('what ends a connection is no fault of a statement: a commit may have been under way', async (t) => {
  const of = (severity: string, code: string) =>
    isStatementError(Object.assign(new pg.DatabaseError('it failed', 0, 'error'), { severity, code }))
  t.ok(of('ERROR', '23505'))
  t.ok(of('ERROR', '53100'))
  t.notOk(of('PANIC', '53100'), 'no room for the log, met in the middle of a commit')
  t.notOk(of('FATAL', '57P01'))
  t.notOk(isStatementError(new Error('Connection terminated unexpectedly')))
})
