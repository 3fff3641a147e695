// Passwords that are guessed first.
import t from 'tap'
import { weaknessOf } from '../../lib/auth/weak-password.ts'

for (const password of [
  'password',
  'Password',
  'PASSWORD1',
  'iloveyou',
  'qwertyuiop',
  'trustno1',
  '12345678',
  '123456789',
])
  t.test(`${password} is common`, async (t) => {
    t.match(await weaknessOf(password, 'alice'), /common/)
  })

for (const [password, username] of [
  ['alice.smith', 'alice.smith'],
  ['ALICE.SMITH', 'alice.smith'],
  ['josé-maria', 'josé-maria'.normalize('NFD')],
])
  t.test(`${password} is the name of ${username}`, async (t) => {
    t.match(await weaknessOf(password as string, username as string), /user name/)
  })

for (const password of ['correct-horse', 'a password', 'password of alice', 'x8!kq0Zp', 'größenwahn'])
  t.test(`${password} is not weak`, async (t) => {
    t.equal(await weaknessOf(password, 'alice'), null)
  })
