// Writes the entries of an export, one after the other, and at the end their checksums. The file has its name when all of it is
// on the disk.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import { StartError } from '../errors/start-error.ts'
import { CHECKSUMS } from './format.ts'

const OWNER_FILE = 0o600

export class TarWriter {
  readonly #pack: Pack = pack()
  readonly #path: string
  readonly #written: Promise<void>
  readonly #sums: string[] = []
  #failure: unknown

  private constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#written = pipeline(this.#pack, file.createWriteStream({ flush: true }))
    this.#written.catch((error) => {
      this.#failure = error
    })
  }

  /** StartError when there is such a file. Private: it holds the hashes of passwords. */
  static async open(path: string): Promise<TarWriter> {
    if (existsSync(path)) throw new StartError(`${path} exists: name another file.`)
    return new TarWriter(path, await open(`${path}.part`, 'w', OWNER_FILE))
  }

  add(name: string, content: Buffer): Promise<void> {
    this.#note(name, createHash('sha256').update(content).digest('hex'))
    return this.#entry((done) => void this.#pack.entry(headerOf(name, content.length), content, done))
  }

  /** Adds bytes of known number as they come. */
  async addStream(name: string, size: number, content: Readable): Promise<void> {
    const hash = createHash('sha256')
    const hashing = new Transform({
      transform(chunk, _encoding, done) {
        hash.update(chunk)
        done(null, chunk)
      },
    })
    await this.#entry((done) => {
      const entry = this.#pack.entry(headerOf(name, size), done)
      pipeline(content, hashing, entry).catch(done)
    })
    this.#note(name, hash.digest('hex'))
  }

  async finish(): Promise<void> {
    await this.add(CHECKSUMS, Buffer.from(this.#sums.join('')))
    this.#pack.finalize()
    await this.#written
    await rename(`${this.#path}.part`, this.#path)
  }

  /** Leaves nothing. */
  async abort(): Promise<void> {
    this.#pack.destroy()
    await this.#written.catch(() => {})
    await rm(`${this.#path}.part`, { force: true }).catch(() => {})
  }

  #note(name: string, sha256: string): void {
    this.#sums.push(`${sha256}  ${name}\n`)
  }

  /** Rejects as well when the file cannot be written to; that is the reason then, whatever the tar says. */
  async #entry(add: (done: (error?: Error | null) => void) => void): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#written.catch(reject)
        add((error) => (error ? reject(error) : resolve()))
      })
    } catch (error) {
      throw this.#failure ?? error
    }
  }
}

const headerOf = (name: string, size: number) => ({ name, size, mode: OWNER_FILE })
