// A tenant that attacks by writes ends nothing, and another tenant beside it is served.
import t from 'tap'
import { writeAttacks } from '../support/hostile/attacks/writes.ts'
import { standAgainst } from '../support/hostile/verdict.ts'

await standAgainst(t, writeAttacks, 'slow')
