// How far a long command has come: a line from time to time on standard error, which keeps standard output for results.

/** Takes what is true now; a line is written when the last one is old enough. */
export type Progress = (line: string) => void

/** Milliseconds between two lines. */
const EVERY = 2000

/** Writes to the stream, at once and then every two seconds at most. */
export function progressOn(stream: { write(text: string): unknown }): Progress {
  let next = 0
  return (line) => {
    const now = performance.now()
    if (now < next) return
    next = now + EVERY
    stream.write(`${line}\n`)
  }
}

/** Bytes as people read them. */
export function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
