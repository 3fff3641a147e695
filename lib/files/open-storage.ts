// Opens the storage of files' bytes that the settings name: a bucket of S3, or a directory. StartError.
import { join } from 'node:path'
import { reasonOf, StartError } from '../errors/start-error.ts'
import { LocalStorage } from './local-storage.ts'
import type { BlobStorage } from './storage.ts'

/** The settings that say where files are. */
export interface StorageSettings {
  FILE_STORAGE_PATH: string
  UPLOAD_LIMIT: number
  S3_BUCKET: string | undefined
  S3_REGION: string
  S3_ENDPOINT: string | undefined
  S3_ACCESS_KEY_ID: string | undefined
  S3_SECRET_ACCESS_KEY: string | undefined
  S3_FORCE_PATH_STYLE: boolean
}

export interface OpenStorage {
  blobs: BlobStorage
  /** Lets go of connections. */
  close(): void
}

/** @param takeSpace called before bytes are written to a directory; refuses what its disk has no room for */
export async function openStorage(
  settings: StorageSettings,
  takeSpace?: (size: number) => void,
): Promise<OpenStorage> {
  const { S3_BUCKET: bucket, FILE_STORAGE_PATH: path } = settings
  if (bucket !== undefined) return openBucket(settings, bucket)
  try {
    return { blobs: await LocalStorage.open(path, takeSpace), close() {} }
  } catch (error) {
    throw new StartError(`FILE_STORAGE_PATH ${path} cannot be written to: ${reasonOf(error)}`)
  }
}

async function openBucket(settings: StorageSettings, bucket: string): Promise<OpenStorage> {
  // Amazon's client takes memory and a third of a second to load.
  const { S3Storage } = await import('./s3/s3-storage.ts')
  const storage = new S3Storage(
    {
      bucket,
      region: settings.S3_REGION,
      endpoint: settings.S3_ENDPOINT,
      accessKeyId: settings.S3_ACCESS_KEY_ID,
      secretAccessKey: settings.S3_SECRET_ACCESS_KEY,
      forcePathStyle: settings.S3_FORCE_PATH_STYLE,
    },
    { largest: settings.UPLOAD_LIMIT, directory: join(settings.FILE_STORAGE_PATH, '.spool') },
  )
  const close = () => storage.close()
  try {
    await storage.check()
  } catch (error) {
    close()
    throw error
  }
  return { blobs: storage, close }
}
