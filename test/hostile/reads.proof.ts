// A tenant that attacks by reads takes neither the time of another tenant nor the machine's memory.
import t from 'tap'
import { readAttacks } from '../support/hostile/attacks/reads.ts'
import { standAgainst } from '../support/hostile/verdict.ts'

const skip = process.platform === 'linux' ? false : 'memory is read from /proc'

t.test('attacks by reads', { skip }, (t) => standAgainst(t, readAttacks, 'proof'))
