// Requests to a server in a process of its own, as its first admin.
import { signIn } from '../server-process.ts'

export const PASSWORD = 'correct-horse'

export interface Stored {
  id: string
}

/** Signs in; what sends requests from then on. */
export async function client(url: string) {
  const { access_token } = await signIn(url, PASSWORD)
  const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' }
  return async (method: string, path: string, body?: object) => {
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const response = await fetch(url + path, init)
    return { status: response.status, body: (await response.json()) as Stored }
  }
}
