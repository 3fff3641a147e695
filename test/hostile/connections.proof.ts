// A tenant that attacks by connections takes neither the time of another tenant nor the machine's memory.
import t from 'tap'
import { connectionAttacks } from '../support/hostile/attacks/connections.ts'
import { standAgainst } from '../support/hostile/verdict.ts'

const skip = process.platform === 'linux' ? false : 'memory is read from /proc'

t.test('attacks by connections', { skip }, (t) => standAgainst(t, connectionAttacks, 'proof'))
