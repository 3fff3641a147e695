// A tenant that attacks by schemas ends nothing, and another tenant beside it is served.
import t from 'tap'
import { schemaAttacks } from '../support/hostile/attacks/schemas.ts'
import { standAgainst } from '../support/hostile/verdict.ts'

await standAgainst(t, schemaAttacks, 'slow')
