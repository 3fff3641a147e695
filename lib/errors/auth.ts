// Refusals of authentication and authorization, and of changes to users, roles and API keys.
import { problem } from './problem.ts'

const bearer = { 'www-authenticate': 'Bearer' }

export const authErrors = {
  unauthenticated: problem(
    { status: 401, code: 'unauthenticated', title: 'Sign in first' },
    (detail?: string) => ({ detail: detail ?? 'This needs a valid bearer token.', headers: bearer }),
  ),
  invalidCredentials: problem(
    { status: 401, code: 'invalid_credentials', title: 'Wrong user name or password' },
    () => ({ detail: 'The user name or the password is wrong.', headers: bearer }),
  ),
  forbidden: problem(
    { status: 403, code: 'forbidden', title: 'Not allowed' },
    (needs: string) => `This needs ${needs}.`,
  ),
  unknownSubject: problem(
    { status: 400, code: 'unknown_subject', title: 'Nobody whose access could be explained' },
    (as: string, roles: readonly string[]) => ({
      detail: `as=${as.slice(0, 80)} names neither a user of this tenant nor one of its roles.`,
      hint: `Write as=user:NAME (GET /auth/users lists them) or as=role:ROLE, with one of ${roles.slice(0, 50).join(', ')}.`,
    }),
  ),
  invalidRefreshToken: problem(
    { status: 401, code: 'invalid_refresh_token', title: 'Sign in again' },
    () => ({ detail: 'The refresh token is unknown, expired or was used before.', headers: bearer }),
  ),
  userNotFound: problem(
    { status: 404, code: 'user_not_found', title: 'No such user' },
    () => 'There is no such user.',
  ),
  keyNotFound: problem(
    { status: 404, code: 'key_not_found', title: 'No such API key' },
    () => 'There is no such API key.',
  ),
  usernameTaken: problem(
    { status: 409, code: 'username_taken', title: 'The user name is taken' },
    (username: string) => `There is a user "${username}" already, in this or another case.`,
  ),
  weakPassword: problem(
    { status: 400, code: 'weak_password', title: 'The password is too easy to guess' },
    (pointer: string, weakness: string) => ({
      detail: `The password ${weakness}.`,
      hint: 'Choose another one: several words, or what a password manager makes.',
      errors: [{ pointer, keyword: 'weak', message: weakness }],
    }),
  ),
  roleNotFound: problem(
    { status: 404, code: 'role_not_found', title: 'No such role' },
    (name: string) => `There is no role "${name.slice(0, 80)}".`,
  ),
  roleFixed: problem(
    { status: 409, code: 'role_fixed', title: 'The role cannot be changed' },
    (name: string) => `The role ${name} is one of Univera's own and stays as it is.`,
  ),
  roleInUse: problem(
    { status: 409, code: 'role_in_use', title: 'The role is in use' },
    (name: string, holders: number) =>
      holders === 1
        ? `A user or API key has the role ${name}; give it another one, or remove it, first.`
        : `${holders} users and API keys have the role ${name}; give them another one, or remove them, first.`,
  ),
  lastAdmin: problem(
    { status: 409, code: 'last_admin', title: 'The last admin cannot be removed' },
    (role: string) => `This is the last active ${role}; make another one first.`,
  ),
}
