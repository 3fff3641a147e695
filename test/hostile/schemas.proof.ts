// A tenant that attacks by schemas takes neither the time of another tenant nor the machine's memory.
import t from 'tap'
import { schemaAttacks } from '../support/hostile/attacks/schemas.ts'
import { standAgainst } from '../support/hostile/verdict.ts'

const skip = process.platform === 'linux' ? false : 'memory is read from /proc'

t.test('attacks by schemas', { skip }, (t) => standAgainst(t, schemaAttacks, 'proof'))
