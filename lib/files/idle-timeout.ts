// Passes bytes on, and loses patience with a source that has nothing more to give. Time counts only while somebody wants
// bytes: a slow reader may take as long as he likes. What ends it early is errors.unavailable.
import { Transform, type TransformCallback } from 'node:stream'
import { errors } from '../errors.ts'

export class IdleTimeout extends Transform {
  readonly #patience: number
  #timer: NodeJS.Timeout | undefined

  /** @param patience milliseconds between two chunks */
  constructor(patience: number) {
    super()
    this.#patience = patience
  }

  override _read(size: number): void {
    this.#timer ??= setTimeout(() => this.destroy(new Error('no bytes came')), this.#patience)
    super._read(size)
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#calm()
    done(null, chunk)
  }

  override _flush(done: TransformCallback): void {
    this.#calm()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#calm()
    done(error && Object.assign(errors.unavailable(), { cause: error }))
  }

  #calm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
