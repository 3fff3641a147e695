// Batches calls of one kind that arrive in one turn of the event loop, or while batches of their kind are in flight. Each
// caller gets its own result or error: when one call fails, the others run again, each alone. A call whose answer does
// not fit beside the others is rejected, and the caller may repeat it alone.
import type { Problem } from '../../errors/problem.ts'

interface Pending<Question, Answer> {
  readonly question: Question
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** What became of questions sent together: the answers of those before the error, if there was one. */
export interface Answers<Answer> {
  /** An answer each, or why there is none: a Problem where it was not kept among so many. */
  readonly answers: readonly (Answer | Problem | Error)[]
  readonly error: Error | null
}

export interface BatcherOptions<Question, Answer> {
  /** Sends questions in this order; all of them succeed, or none. */
  send(questions: readonly Question[]): Promise<Answers<Answer>>
  /**
   * Whether the questions beside the one that failed may be sent again: nothing of them has happened.
   *
   * @param answered how many were answered before the failure
   */
  mayRepeat(error: Error, answered: number): boolean
  /** How many batches of one kind may be in flight at once. */
  concurrency: number
  /** How many questions may be sent together. */
  maxSize: number
  /** Whether answers given before a failure count. */
  readOnly: boolean
  /** Schedules the sending of what has been gathered; default: the end of this turn of the event loop. */
  defer?: (flush: () => void) => void
}

interface Group<Question, Answer> {
  readonly kind: string
  waiting: Pending<Question, Answer>[]
  inFlight: number
}

export class Batcher<Question, Answer> {
  readonly #groups = new Map<string, Group<Question, Answer>>()
  /** Groups with a new question since the last flush. */
  readonly #touched = new Set<Group<Question, Answer>>()
  readonly #options: BatcherOptions<Question, Answer>

  constructor(options: BatcherOptions<Question, Answer>) {
    this.#options = options
  }

  /** The answer to a question; rejects with its own error, never with that of another. */
  ask(kind: string, question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      let group = this.#groups.get(kind)
      if (group === undefined) {
        group = { kind, waiting: [], inFlight: 0 }
        this.#groups.set(kind, group)
      }
      group.waiting.push({ question, resolve, reject })
      const { defer = setImmediate } = this.#options
      if (this.#touched.size === 0) defer(this.#flushTouched)
      this.#touched.add(group)
    })
  }

  readonly #flushTouched = (): void => {
    const touched = [...this.#touched]
    this.#touched.clear()
    for (const group of touched) this.#flush(group)
  }

  #flush(group: Group<Question, Answer>): void {
    const { concurrency, maxSize } = this.#options
    while (group.waiting.length > 0 && group.inFlight < concurrency) {
      const asked = group.waiting.splice(0, maxSize)
      group.inFlight += 1
      this.#run(asked).finally(() => {
        group.inFlight -= 1
        this.#flush(group)
      })
    }
    if (group.waiting.length + group.inFlight === 0) this.#groups.delete(group.kind)
  }

  async #run(asked: readonly Pending<Question, Answer>[]): Promise<void> {
    const { send, mayRepeat, readOnly } = this.#options
    const { answers, error } = await send(asked.map(({ question }) => question)).catch(failed)
    const done = error === null || readOnly ? answers : []
    const again: Pending<Question, Answer>[] = []
    for (const [at, one] of asked.entries()) {
      const answer = done[at]
      if (answer === undefined) again.push(one)
      else if (answer instanceof Error) one.reject(answer)
      else one.resolve(answer)
    }
    if (again.length === 0) return
    if (error !== null && (asked.length === 1 || !mayRepeat(error, answers.length)))
      for (const { reject } of again) reject(error)
    else await Promise.all(again.map((one) => this.#run([one])))
  }
}

const failed = (error: Error): Answers<never> => ({ answers: [], error })
