// Whether a bucket can be worked in: everything that files need of it is tried once at start, and what does not work is
// told by the setting that is likely wrong. StartError.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf, StartError } from '../../errors/start-error.ts'
import { getObject, listObjects, putObject, removeObject } from './bucket.ts'
import type { S3Connection } from './connection.ts'

/** Milliseconds: a start has ten seconds for each of its parts. */
const PATIENCE = 8000

const KEYS = 'S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are not accepted'

/** What a refusal is about, by its code. */
const REASONS: Readonly<Record<string, string>> = {
  NoSuchBucket: 'there is no such bucket; make it, or correct S3_BUCKET or S3_ENDPOINT',
  InvalidBucketName: 'that is no name of a bucket; correct S3_BUCKET',
  InvalidAccessKeyId: `${KEYS}: there is no such key`,
  SignatureDoesNotMatch: `${KEYS}: the secret does not belong to the key`,
  ExpiredToken: 'the keys have expired',
  CredentialsProviderError: 'there are no keys; set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY',
  AccessDenied: 'the key may not list, write, read and delete in it',
  AllAccessDisabled: 'the bucket is closed',
  PermanentRedirect: 'it is in another region; correct S3_REGION',
  AuthorizationHeaderMalformed: 'it is in another region; correct S3_REGION',
  RequestTimeTooSkewed: 'the clock of this machine is wrong',
}

/** Lists, writes, reads and removes an object below the prefix. */
async function tryOut(s3: S3Connection, prefix: string): Promise<void> {
  const name = prefix + randomUUID()
  await listObjects(s3, name).next()
  await putObject(s3, name, Buffer.alloc(0))
  const written = await getObject(s3, name)
  written?.destroy()
  await removeObject(s3, name)
  if (written === null) throw new Error('what is written to it cannot be read')
}

async function giveUp(patience: number, signal: AbortSignal): Promise<never> {
  await sleep(patience, undefined, { signal })
  throw new Error(`no answer within ${patience} ms; correct S3_ENDPOINT`)
}

function describe(failure: unknown): string {
  const cause = failure instanceof Error && failure.cause instanceof Error ? failure.cause : failure
  const { name = '' } = cause as Error
  const isSystem = cause instanceof Error && 'syscall' in cause
  if (isSystem) return `S3_ENDPOINT cannot be reached: ${reasonOf(cause)}`
  return REASONS[name] ?? `${name}: ${reasonOf(cause)}`
}

/** StartError with the reason, when the bucket cannot be worked in or is not heard of within `patience` milliseconds. */
export async function checkBucket(s3: S3Connection, prefix: string, patience = PATIENCE): Promise<void> {
  const done = new AbortController()
  try {
    await Promise.race([tryOut(s3, prefix), giveUp(patience, done.signal)])
  } catch (error) {
    throw new StartError(`S3_BUCKET ${s3.bucket} cannot be used: ${describe(error)}.`, { cause: error })
  } finally {
    done.abort()
  }
}
