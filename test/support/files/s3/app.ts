// Servers whose files are in the S3 of the tests.
import type { Test } from 'tap'
import type { Settings } from '../../../../lib/config.ts'
import type { S3Settings } from '../../../../lib/files/s3/connection.ts'
import { startFiles } from '../app.ts'
import { startServer } from './start.ts'

/** The settings of the server that say where the bucket is. */
export function settingsFor(s3: S3Settings) {
  return {
    S3_BUCKET: s3.bucket,
    S3_REGION: s3.region,
    S3_ENDPOINT: s3.endpoint,
    S3_ACCESS_KEY_ID: s3.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    S3_FORCE_PATH_STYLE: s3.forcePathStyle,
  } satisfies Partial<Settings>
}

/** A server, and the S3 that its files are in. */
export async function startWithS3(t: Test, settings: Partial<Settings> = {}) {
  const { server: s3, bucket, settings: s3Settings } = await startServer(t)
  const files = await startFiles(t, { ...settingsFor(s3Settings), ...settings })
  return { ...files, s3, bucket, s3Settings }
}
