// Scenario tables: each row is one request and what its answer must be. Rows run in order against one server.
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'

export interface Scenario {
  /** The promise. */
  name: string
  /** Who sends it: a name of the callers; absent: nobody. */
  as?: string
  method: string
  url: string
  headers?: Record<string, string>
  body?: InjectOptions['payload']
  status: number
  /** A tap pattern of the answer's JSON; null: it has no body. */
  match?: unknown
  /** A tap pattern of the answer's headers; undefined: absent. */
  has?: Record<string, unknown>
}

/** Access tokens by caller. */
export type Callers = Readonly<Record<string, string>>

/** What every refusal looks like, whatever its status. */
function checkProblem(test: Test, answer: LightMyRequestResponse, method: string): void {
  test.match(answer.headers['content-type'], /^application\/problem\+json/, 'is a problem')
  if (method === 'HEAD') return
  const problem = answer.json()
  test.match(problem, {
    type: /^urn:univera:problem:/,
    title: /./,
    status: answer.statusCode,
    code: /^[a-z_]+$/,
    detail: /./,
    message: problem.detail,
    request_id: /./,
  })
}

function checkAnswer(test: Test, answer: LightMyRequestResponse, { match, has = {} }: Scenario): void {
  if (match === null) test.equal(answer.body, '')
  else if (match !== undefined) test.match(answer.json(), match, answer.body.slice(0, 1000))
  for (const [header, pattern] of Object.entries(has)) {
    if (pattern === undefined) test.notOk(header in answer.headers, `no ${header}`)
    else test.match(answer.headers[header], pattern, header)
  }
}

/** Sends one request. */
export function send(
  app: FastifyInstance,
  callers: Callers,
  { as, method, url, headers = {}, body }: Omit<Scenario, 'name' | 'status'>,
): Promise<LightMyRequestResponse> {
  const authorization = as === undefined ? {} : { authorization: `Bearer ${callers[as]}` }
  return app.inject({
    method: method as 'GET',
    url,
    headers: { ...authorization, ...headers },
    ...(body === undefined ? {} : { payload: body }),
  })
}

/** Runs the rows, each as a test of its own. */
export async function runScenarios(
  test: Test,
  app: FastifyInstance,
  callers: Callers,
  scenarios: readonly Scenario[],
): Promise<void> {
  for (const scenario of scenarios) {
    await test.test(`${scenario.name}: ${scenario.method} ${scenario.url.slice(0, 80)}`, async (t) => {
      const answer = await send(app, callers, scenario)
      t.equal(answer.statusCode, scenario.status, answer.body.slice(0, 1000))
      if (answer.statusCode >= 400) checkProblem(t, answer, scenario.method)
      checkAnswer(t, answer, scenario)
    })
  }
}
