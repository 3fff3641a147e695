// What the S3 server of the tests keeps: buckets with objects and with uploads in parts, by the rules of S3. Refusals are
// thrown as their codes.
import { createHash, randomUUID } from 'node:crypto'

export interface StoredObject {
  bytes: Buffer
  modified: Date
}

export interface PartialUpload {
  name: string
  parts: Map<number, Buffer>
}

export class Refusal extends Error {}

const SMALLEST_PART = 5 * 2 ** 20

export const etagOf = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`

export class Bucket {
  readonly objects = new Map<string, StoredObject>()
  readonly uploads = new Map<string, PartialUpload>()

  put(name: string, bytes: Buffer): void {
    this.objects.set(name, { bytes, modified: new Date() })
  }

  get(name: string): StoredObject {
    const object = this.objects.get(name)
    if (object === undefined) throw new Refusal('NoSuchKey')
    return object
  }

  begin(name: string): string {
    const id = randomUUID()
    this.uploads.set(id, { name, parts: new Map() })
    return id
  }

  /** The upload; also its name has to be right. */
  upload(id: string, name: string): PartialUpload {
    const upload = this.uploads.get(id)
    if (upload?.name !== name) throw new Refusal('NoSuchUpload')
    return upload
  }

  complete(id: string, name: string, listed: { number: number; etag: string }[]): void {
    const { parts } = this.upload(id, name)
    const bytes = listed.map(({ number, etag }, at) => {
      const part = parts.get(number)
      if (part === undefined || etagOf(part) !== etag) throw new Refusal('InvalidPart')
      if (at > 0 && number <= (listed[at - 1]?.number ?? 0)) throw new Refusal('InvalidPartOrder')
      if (at < listed.length - 1 && part.length < SMALLEST_PART) throw new Refusal('EntityTooSmall')
      return part
    })
    if (bytes.length === 0) throw new Refusal('MalformedXML')
    this.put(name, Buffer.concat(bytes))
    this.uploads.delete(id)
  }

  /** The next page of names that begin so, after one of them. */
  page(prefix: string, after: string, size: number): { names: string[]; more: boolean } {
    const names = [...this.objects.keys()].filter((name) => name.startsWith(prefix) && name > after).sort()
    return { names: names.slice(0, size), more: names.length > size }
  }
}
