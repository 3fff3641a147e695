// What a test takes from npm's registry while it runs.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What npm reports when the registry cannot be reached, or does not answer. */
const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED|E50[234])\b/

/**
 * Runs npm.
 *
 * @returns undefined when it went well, else why it could not be tried here: the registry is out of reach. Any other failure
 *   throws.
 */
export async function npm(
  args: string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string | undefined> {
  const options = { cwd, env: { ...process.env, NODE_OPTIONS: '', ...env }, maxBuffer: 2 ** 24 }
  try {
    await run('npm', [...args, '--no-audit', '--no-fund', '--fetch-retries=1'], options)
    return undefined
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string }
    const [reason] = UNREACHABLE.exec(stderr) ?? []
    if (reason === undefined) throw error
    return `npm's registry cannot be reached (${reason})`
  }
}
