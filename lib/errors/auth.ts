// Refusals that concern who the caller is and what he may do.
import { problem } from './problem.ts'

const bearer = { 'www-authenticate': 'Bearer' }

export const authErrors = {
  unauthenticated: problem({ status: 401, code: 'unauthenticated', title: 'Sign in first' }, () => ({
    detail: 'This needs a valid bearer token.',
    headers: bearer,
  })),
  invalidCredentials: problem(
    { status: 401, code: 'invalid_credentials', title: 'Wrong user name or password' },
    () => ({ detail: 'The user name or the password is wrong.', headers: bearer }),
  ),
  forbidden: problem(
    { status: 403, code: 'forbidden', title: 'Not allowed' },
    (needs: string) => `This needs ${needs}.`,
  ),
}
