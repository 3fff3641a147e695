// The key that access tokens are signed with. With the embedded database it is made once and kept in DATA_DIR;
// with an external one, which several servers may share, the operator gives it. Refuses short ones and our examples.

import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../errors/codes.ts'
import { reasonOf, StartError } from '../errors/start-error.ts'

export const secretKeyBytes = 32

/** What our own files show where a key belongs: everybody knows them. */
const examples = new Set(['replace-this-with-the-output-of-openssl-rand-hex-32'])

export function isSecretKey(text: string): boolean {
  return Buffer.byteLength(text) >= secretKeyBytes && !examples.has(text)
}

/** The key kept in the data directory, made on the first call. */
export function keepSecretKey(dataDir: string): string {
  const file = join(dataDir, 'secret_key')
  try {
    return readKey(file) ?? createKey(dataDir, file)
  } catch (error) {
    throw new StartError(`SECRET_KEY cannot be kept in ${file}: ${reasonOf(error)}`, { cause: error })
  }
}

function createKey(dataDir: string, file: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, randomBytes(secretKeyBytes).toString('hex'), { mode: 0o600, flush: true })
  try {
    // Fails when another start was quicker: then its key counts.
    linkSync(draft, file)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return readKey(file) as string
}

function readKey(file: string): string | undefined {
  try {
    const key = readFileSync(file, 'utf8').trim()
    if (!isSecretKey(key)) throw new Error(`what it holds has less than ${secretKeyBytes} bytes`)
    return key
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
