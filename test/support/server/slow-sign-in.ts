// A server in the middle of a request that may take any time.

import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Test } from 'tap'
import { startServer } from '../server-process.ts'
import { until } from '../until.ts'

export const PASSWORD = 'correct-horse'

/** A sign-in whose body is not complete until `finish` is called. */
function slowSignIn(url: string) {
  const body = `username=admin&password=${PASSWORD}`
  const request = httpRequest(`${url}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length },
  })
  const answer = new Promise<IncomingMessage>((resolve, reject) =>
    request.on('response', resolve).on('error', reject),
  )
  answer.catch(() => {})
  request.write(body.slice(0, 5))
  return { answer, finish: () => request.end(body.slice(5)) }
}

/** Starts a server and a sign-in that has arrived there, by half. */
export async function startWithSlowSignIn(t: Test) {
  const env = { ADMIN_PASSWORD: PASSWORD, LOG_LEVEL: 'debug' }
  const server = startServer(t, { cwd: t.testdir({}), env })
  const url = await server.listening
  const signingIn = slowSignIn(url)
  await until(() => /"url":"\/auth\/token"/.test(server.output()), 'the request is in the log')
  return { server, url, ...signingIn }
}
