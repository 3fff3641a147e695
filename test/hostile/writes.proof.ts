// A tenant that attacks by writes takes neither the time of another tenant nor the machine's memory.
import t from 'tap'
import { writeAttacks } from '../support/hostile/attacks/writes.ts'
import { standAgainst } from '../support/hostile/verdict.ts'

const skip = process.platform === 'linux' ? false : 'memory is read from /proc'

t.test('attacks by writes', { skip }, (t) => standAgainst(t, writeAttacks, 'proof'))
