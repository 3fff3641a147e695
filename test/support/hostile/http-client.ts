// Requests of one caller over connections that are kept: how each was answered, and how much came.
import { Agent, type IncomingMessage, request } from 'node:http'

export interface Answer {
  /** 0 when the connection ended, or nothing came in time. */
  status: number
  type: string
  bytes: number
  /** The body's beginning. */
  text: string
}

export interface HttpClientOptions {
  url: string
  /** The address to call from: another one than the witness has, since connections are counted per address. */
  localAddress?: string
  signal?: AbortSignal
}

export type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>

const KEPT_TEXT = 65_536

const TIMEOUT = 120_000

const NO_ANSWER: Answer = { status: 0, type: '', bytes: 0, text: '' }

async function read(response: IncomingMessage): Promise<Answer> {
  let bytes = 0
  let text = ''
  for await (const chunk of response) {
    bytes += chunk.length
    if (text.length < KEPT_TEXT) text += String(chunk)
  }
  return { status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', bytes, text }
}

/** Sends texts as they are, and anything else as JSON. */
export function httpClient(options: HttpClientOptions, token?: string): Send {
  const { url, localAddress, signal } = options
  const agent = new Agent({ keepAlive: true, ...(localAddress ? { localAddress } : {}) })
  return (method, path, body, headers = {}) =>
    new Promise((resolve) => {
      const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
      const sent = request(url + path, {
        method,
        agent,
        timeout: TIMEOUT,
        ...(signal ? { signal } : {}),
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(payload === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
          ...headers,
        },
      })
      const fail = () => resolve(NO_ANSWER)
      sent.on('response', (response) => read(response).then(resolve, fail))
      sent.on('timeout', () => sent.destroy()).on('error', fail)
      sent.end(payload)
    })
}

/** Signs in with a name such as `acme/admin`; the access token. */
export async function tokenOf(send: Send, username: string, password: string): Promise<string> {
  const { status, text } = await send('POST', '/auth/token', { username, password })
  if (status !== 200) throw new Error(`sign-in of ${username}: ${status} ${text}`)
  return (JSON.parse(text) as { access_token: string }).access_token
}
