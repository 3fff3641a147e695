// The preview of a change of a definition: on the real records, as a plan that can be carried out.
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../lib/errors/problem.ts'
import { errors } from '../../lib/errors.ts'
import { chooseType } from '../../lib/http/accept.ts'
import { renderProblem } from '../../lib/http/problem-body.ts'
import { beginCheck, type Check, type CheckRequest } from '../../lib/schema/plan/check-store.ts'
import type { StoredPlan } from '../../lib/schema/plan/plan-store.ts'
import { presentPlan } from '../../lib/schema/plan/present-plan.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { preferencesOf } from '../query-request.ts'
import { takeBodiesAsSent } from './body-as-sent.ts'
import { definition, ifMatch, pathEntity } from './definition-schemas.ts'
import { plan } from './plan-schemas.ts'
import { replacementOf } from './replacement.ts'

const NDJSON_TYPE = 'application/x-ndjson'

/** Seconds that an answer may take by default. */
const PATIENCE = 20

/** Records between two lines of progress. */
const LINE_EVERY = 10_000

const routes: readonly Route[] = [
  {
    method: 'POST',
    url: '/schemas/:entity/preview',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'previewChange',
      summary: 'Preview a change of a definition on all records',
      description:
        'Nothing is changed; the answer is a plan, which PUT carries out with `?plan=` within 24 hours. With `Accept: application/x-ndjson` lines of `progress` come before it. `Prefer: wait=` says for how many seconds to wait (20 by default): after that the check goes on, and the plan has the state `checking`.',
      params: pathEntity,
      headers: ifMatch,
      querystring: {
        type: 'object',
        additionalProperties: false,
        properties: {
          sample: {
            type: 'integer',
            minimum: 1,
            maximum: 10_000_000,
            description: 'Look at so many records only, for a quick answer that is no plan',
          },
        },
      },
      body: definition,
      response: {
        200: { ...plan, description: 'The plan' },
        202: { ...plan, description: 'The check goes on; `Location` is the plan' },
      },
      refusals: [
        ...(['invalidDefinition', 'cannotConvert', 'entityNotFound', 'schemaChanged'] as const),
        ...(['nameIsAlias', 'changeInProgress'] as const),
      ],
    },
    handler: preview,
  },
]

/** Adds the routes. */
export default async function previews(app: FastifyInstance): Promise<void> {
  takeBodiesAsSent(app)
  defineRoutes(app, routes)
}

type PreviewRequest = FastifyRequest<{ Params: { entity: string }; Querystring: { sample?: number } }>

async function preview(request: PreviewRequest, reply: FastifyReply) {
  const replacement = await replacementOf(request)
  return sendCheck(request, reply, { kind: 'change', replacement, sample: request.query.sample })
}

/** Runs the check, and answers with its plan: at once, by lines, or where it will be. */
export async function sendCheck(request: FastifyRequest, reply: FastifyReply, asked: CheckRequest) {
  const { headers, log, server } = request
  const { wait = PATIENCE } = preferencesOf(request, reply, ['wait'])
  const { type } = chooseType(headers.accept, ['application/json', NDJSON_TYPE])
  const check = await beginCheck(server, asked)
  if (type === NDJSON_TYPE)
    return reply.type(NDJSON_TYPE).send(Readable.from(linesOf(check, request), { objectMode: false }))
  const found = await check.runWithin(wait * 1000, (error) => log.warn({ err: error }, 'a check has failed'))
  const stored = isStored(found) ? found : undefined
  if (stored?.state === 'checking') {
    const { entity } = request.params as { entity: string }
    reply.code(202).header('location', `/schemas/${entity}/plans/${stored.id}`).header('retry-after', 2)
  }
  return reply.send(shown(found))
}

const isStored = (found: StoredPlan | object): found is StoredPlan => 'baseVersion' in found

const shown = (found: StoredPlan | object) => (isStored(found) ? presentPlan(found) : found)

/** A line for each 10,000 records, then the plan; or the refusal of what came up meanwhile. */
async function* linesOf(check: Check, request: FastifyRequest): AsyncGenerator<string> {
  let checked = 0
  let told = 0
  let wake: () => void = () => {}
  const line = (value: object) => `${JSON.stringify(value)}\n`
  const running = check.run((count) => {
    checked = count
    wake()
  })
  let outcome: { found: object } | { error: unknown } | undefined
  running
    .then(
      (found) => ({ found }),
      (error: unknown) => ({ error }),
    )
    .then((done) => {
      outcome = done
      wake()
    })
  yield line({ progress: { checked, total: check.total } })
  while (outcome === undefined) {
    await new Promise<void>((resolve) => {
      wake = resolve
    })
    if (checked - told < LINE_EVERY) continue
    told = checked
    yield line({ progress: { checked, total: check.total } })
  }
  if ('found' in outcome) return yield line(shown(outcome.found))
  const { error } = outcome
  const problem = error instanceof Problem ? error : errors.internal()
  if (!(error instanceof Problem)) request.log.error({ err: error })
  yield `${renderProblem(problem, request.id)}\n`
}
