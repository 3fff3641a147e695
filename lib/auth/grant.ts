// The body of a sign-in (RFC 6749, 4.3.2 and 6), from a form or from JSON: out goes what is presented, refused is a
// grant that Univera does not know and one that lacks its parts. What OAuth clients send besides is ignored.

import type { Violation } from '../errors/problem.ts'
import { errors } from '../errors.ts'

export type Grant =
  | { type: 'password'; username: string; password: string }
  | { type: 'refresh_token'; refreshToken: string }

type Body = Readonly<Record<string, unknown>>

const GRANT_TYPES = ['password', 'refresh_token']

/** The named parts, each a string; errors.invalidBody names every one that is missing. */
function parts(body: Body, names: string[]): string[] {
  const missing = names.filter((name) => typeof body[name] !== 'string')
  if (missing.length > 0)
    throw errors.invalidBody(
      missing.map(
        (name): Violation => ({ pointer: `/${name}`, keyword: 'required', message: 'is required' }),
      ),
    )
  return names.map((name) => body[name] as string)
}

export function parseGrant(body: Body): Grant {
  const type = body.grant_type || 'password'
  if (type === 'refresh_token') {
    const [refreshToken = ''] = parts(body, ['refresh_token'])
    return { type, refreshToken }
  }
  if (type === 'password') {
    const [username = '', password = ''] = parts(body, ['username', 'password'])
    return { type, username, password }
  }
  const message = `must be one of ${GRANT_TYPES.join(', ')}`
  throw errors.invalidBody([{ pointer: '/grant_type', keyword: 'enum', message }])
}
