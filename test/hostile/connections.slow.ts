// A tenant that attacks by connections ends nothing, and another tenant beside it is served.
import t from 'tap'
import { connectionAttacks } from '../support/hostile/attacks/connections.ts'
import { standAgainst } from '../support/hostile/verdict.ts'

await standAgainst(t, connectionAttacks, 'slow')
