// The code of an error, wherever it comes from.
import t from 'tap'
import { errorCode, isUniqueViolation, UNIQUE_VIOLATION } from '../../lib/errors/codes.ts'

const withCode = (code: unknown, error: Error = new Error('it failed')) => Object.assign(error, { code })

const cases: [promise: string, error: unknown, code: string][] = [
  ['an SQLSTATE', withCode(UNIQUE_VIOLATION), UNIQUE_VIOLATION],
  ["Node's own code", withCode('ENOENT'), 'ENOENT'],
  [
    'the first of several attempts to connect',
    new AggregateError([withCode('ECONNREFUSED')]),
    'ECONNREFUSED',
  ],
  ['no attempt', withCode('EX', new AggregateError([])), 'EX'],
  ['an exit status is none', withCode(1), ''],
  ['no code', new Error('it failed'), ''],
  ['no error', { code: UNIQUE_VIOLATION }, ''],
  ['nothing', undefined, ''],
]

for (const [promise, error, code] of cases)
  t.test(`errorCode: ${promise}`, async (t) => {
    t.equal(errorCode(error), code)
    t.equal(isUniqueViolation(error), code === UNIQUE_VIOLATION)
  })
