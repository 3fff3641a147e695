// `npm start` puts a shell between npm and the server; whoever ends npm ends the server, in order.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'

t.test('the server closes in order when the shell that npm started it with is gone', async (t) => {
  const file = fileURLToPath(new URL('../../server.js', import.meta.url))
  const { NODE_OPTIONS: _, ...env } = process.env
  const shell = spawn('sh', ['-c', `"${process.execPath}" "${file}"; true`], {
    cwd: t.testdir({}),
    env: { ...env, npm_lifecycle_event: 'start', PORT: '0', ADMIN_PASSWORD: 'correct-horse' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  shell.stdout.setEncoding('utf8')
  for await (const text of shell.stdout) {
    output += text
    if (output.includes('listens on') && !shell.killed) shell.kill('SIGKILL')
  }
  // The pipe ends when the last process that holds it, the server, has ended.
  if (shell.exitCode === null && shell.signalCode === null) await once(shell, 'exit')
  t.match(output, /"msg":"Closed"/)
})
