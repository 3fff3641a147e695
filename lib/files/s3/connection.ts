// The connection to S3, or to what speaks its protocol, through Amazon's own client. Every request ends within a bounded
// time, tried again a few times when that may help; what fails for good is errors.unavailable with its cause.
import { S3Client } from '@aws-sdk/client-s3'
import { Problem } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'

export interface S3Settings {
  bucket: string
  region: string
  /** URL; without it Amazon's of the region. */
  endpoint?: string | undefined
  /** Without keys Amazon's client looks where it always does: AWS_* variables, profiles, the role of the machine. */
  accessKeyId?: string | undefined
  secretAccessKey?: string | undefined
  /** Whether the bucket is named in the path, not in the host. */
  forcePathStyle: boolean
  /** Milliseconds for an answer with all that is tried again, and between the bytes of a download. */
  patience?: number
}

type Send<T> = (client: S3Client, options: { abortSignal: AbortSignal }) => Promise<T>

const PATIENCE = 15_000

/** Milliseconds for a connection. */
const CONNECT = 3000

const TRIES = 3

function createClient({ accessKeyId, secretAccessKey, endpoint, ...settings }: S3Settings): S3Client {
  return new S3Client({
    region: settings.region,
    forcePathStyle: settings.forcePathStyle,
    maxAttempts: TRIES,
    // The signature covers the bytes already; not everything that is compatible knows Amazon's newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    // A download holds its connection for as long as its reader takes: no number of slow readers may stop the others.
    requestHandler: {
      connectionTimeout: CONNECT,
      socketTimeout: 0,
      httpAgent: { maxSockets: Number.POSITIVE_INFINITY },
      httpsAgent: { maxSockets: Number.POSITIVE_INFINITY },
    },
    ...(endpoint !== undefined && { endpoint }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
  })
}

export class S3Connection {
  readonly bucket: string
  readonly patience: number
  readonly #client: S3Client

  constructor(settings: S3Settings) {
    this.bucket = settings.bucket
    this.patience = settings.patience ?? PATIENCE
    this.#client = createClient(settings)
  }

  /**
   * One request; errors.unavailable when it fails, or is not answered in time.
   *
   * @param extra milliseconds that it may take beyond the usual
   */
  async request<T>(send: Send<T>, extra = 0): Promise<T> {
    const abort = new AbortController()
    const patience = this.patience + extra
    // Not AbortSignal.timeout: the body of an answer may take longer than its head.
    const timer = setTimeout(() => abort.abort(new Error(`no answer within ${patience} ms`)), patience)
    try {
      return await send(this.#client, { abortSignal: abort.signal })
    } catch (error) {
      const cause = abort.signal.aborted ? abort.signal.reason : error
      throw Object.assign(errors.unavailable(), { cause })
    } finally {
      clearTimeout(timer)
    }
  }

  close(): void {
    this.#client.destroy()
  }
}

/** True when S3, not the caller, is why something failed. */
export function isS3Failure(error: unknown): boolean {
  return error instanceof Problem && error.kind === errors.unavailable.kind
}

/** Whether S3 has refused a request with this code. */
export function isRefusal(error: unknown, code: string): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.name === code
}
