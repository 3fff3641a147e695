// Counts the tests of a TAP stream: comes in as text, goes out as passed and failed. A test is what a file's top
// level reports (indented once in the stream of all files); a file that fails without a failing test counts as one.

const point = /^(?<indent> {4})?(?<not>not )?ok \d+(?<rest>.*)$/

const directive = /#\s*(skip|todo)\b/i

export class TapCount {
  passed = 0
  failed = 0
  #failedInFile = 0
  #unfinished = ''

  /** Reads a piece of the stream; the line that it may end in the middle of is counted with the next one. */
  write(text: string): void {
    const lines = (this.#unfinished + text).split('\n')
    this.#unfinished = lines.pop() ?? ''
    for (const line of lines) this.read(line)
  }

  read(line: string): void {
    const { indent, not, rest } = point.exec(line)?.groups ?? {}
    if (rest === undefined || directive.test(rest)) return
    if (indent !== undefined) this.#test(not === undefined)
    else this.#file(not === undefined)
  }

  #test(ok: boolean): void {
    if (ok) this.passed++
    else {
      this.failed++
      this.#failedInFile++
    }
  }

  #file(ok: boolean): void {
    if (!ok && this.#failedInFile === 0) this.failed++
    this.#failedInFile = 0
  }
}
