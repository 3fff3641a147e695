// A real server in a process of its own, for tests of its life: start, signals, crashes.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

export interface ServerProcess {
  child: ChildProcess
  /** Everything it has written, both streams. */
  output(): string
  /** Resolves to the base URL once it listens; rejects when it ends before. */
  listening: Promise<string>
  /** Resolves to the exit code, or the signal's name. */
  ended: Promise<number | string>
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<number | string>
}

export interface ServerOptions {
  cwd: string
  env?: Record<string, string>
  program?: string
  args?: string[]
  /** The directory of the compiled programs, when they are not these. */
  dist?: string
  /** The Node to run it on, when it is not this one. */
  node?: string
  /** Another account to run it as. */
  uid?: number
}

const DIST = fileURLToPath(new URL('../../', import.meta.url))

/** Starts dist/server.js on a free port; stopped at the end of the test at the latest. */
export function startServer(test: Test, options: ServerOptions): ServerProcess {
  const { cwd, env = {}, program = 'server', args = [], dist = DIST, node = process.execPath, uid } = options
  const file = join(dist, `${program}.js`)
  // tap would add its own loader to the process, which changes how it ends.
  const child = spawn('env', ['-u', 'NODE_OPTIONS', node, file, ...args], {
    cwd,
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  let output = ''
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  const listening = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
        const url = /listens on (http[^,]+),/.exec(output)?.[1]
        if (url !== undefined) resolve(url)
      })
    }
    ended.then((code) => reject(new Error(`ended with ${code}:\n${output}`)))
  })
  listening.catch(() => {})
  const stop = () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    return ended
  }
  test.teardown(stop)
  return { child, output: () => output, listening, ended, stop }
}

/** Signs in and returns the status with the access token. */
export async function signIn(
  url: string,
  password: string,
): Promise<{ status: number; access_token?: string }> {
  const body = new URLSearchParams({ username: 'admin', password })
  // A connection of its own: one that is kept may be to a worker that has just been killed.
  const headers = { connection: 'close' }
  const response = await fetch(`${url}/auth/token`, { method: 'POST', body, headers })
  return { status: response.status, ...((await response.json()) as object) }
}
