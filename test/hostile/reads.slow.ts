// A tenant that attacks by reads ends nothing, and another tenant beside it is served.
import t from 'tap'
import { readAttacks } from '../support/hostile/attacks/reads.ts'
import { standAgainst } from '../support/hostile/verdict.ts'

await standAgainst(t, readAttacks, 'slow')
