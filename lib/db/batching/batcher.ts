// Questions of one kind that are asked in the same turn of the event loop, or while others of their kind are under way,
// travel together. None of them knows: when one fails, or takes all the room there is for answers, the others are asked
// again, each alone.
import { Problem } from '../../errors/problem.ts'

interface Pending<Question, Answer> {
  readonly question: Question
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** What became of questions sent together: the answers of those before the error, if there was one. */
export interface Answers<Answer> {
  /** Each its answer, or why that was not kept. */
  answers: readonly (Answer | Problem)[]
  error: Error | null
}

export interface BatcherOptions<Question, Answer> {
  /** Asks them in this order, all or none of them with success. */
  send(questions: readonly Question[]): Promise<Answers<Answer>>
  /**
   * Whether others than the one that failed may simply be asked again: nothing of them has happened.
   *
   * @param answered how many were answered before the failure
   */
  mayRepeat(error: Error, answered: number): boolean
  /** How many sendings of one kind may be under way at once. */
  concurrency: number
  /** How many questions may be sent together. */
  maxSize: number
  /** Whether what was answered before a failure counts. */
  readOnly: boolean
  /** When to look at what has been asked. */
  defer?: (flush: () => void) => void
}

interface Group<Question, Answer> {
  readonly kind: string
  waiting: Pending<Question, Answer>[]
  underWay: number
}

export class Batcher<Question, Answer> {
  readonly #groups = new Map<string, Group<Question, Answer>>()
  /** Those that somebody has joined since the last look. */
  readonly #touched = new Set<Group<Question, Answer>>()
  readonly #options: BatcherOptions<Question, Answer>

  constructor(options: BatcherOptions<Question, Answer>) {
    this.#options = options
  }

  /** The answer to a question; it rejects with its own error, never with that of another. */
  ask(kind: string, question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const group = this.#groupOf(kind)
      group.waiting.push({ question, resolve, reject })
      const { defer = setImmediate } = this.#options
      if (this.#touched.size === 0) defer(() => this.#flushAll())
      this.#touched.add(group)
    })
  }

  #flushAll(): void {
    const touched = [...this.#touched]
    this.#touched.clear()
    for (const group of touched) this.#flush(group)
  }

  #groupOf(kind: string): Group<Question, Answer> {
    const known = this.#groups.get(kind)
    if (known !== undefined) return known
    const group = { kind, waiting: [], underWay: 0 }
    this.#groups.set(kind, group)
    return group
  }

  #flush(group: Group<Question, Answer>): void {
    const { concurrency, maxSize } = this.#options
    while (group.waiting.length > 0 && group.underWay < concurrency) {
      const asked = group.waiting.splice(0, maxSize)
      group.underWay += 1
      this.#run(asked).finally(() => {
        group.underWay -= 1
        this.#flush(group)
      })
    }
    if (group.waiting.length + group.underWay === 0) this.#groups.delete(group.kind)
  }

  async #run(asked: readonly Pending<Question, Answer>[]): Promise<void> {
    const { send, mayRepeat, readOnly } = this.#options
    const { answers, error } = await send(asked.map(({ question }) => question)).catch(failed)
    const done = error === null || readOnly ? answers : []
    const alone = asked.length === 1
    // What is written is written, whatever becomes of its answer.
    const last = alone || (error === null && !readOnly)
    const again = asked.filter((one, at) => !settle(one, done[at] as Answer | Problem | undefined, last))
    if (error !== null && (alone || !mayRepeat(error, answers.length)))
      for (const { reject } of again) reject(error)
    else await Promise.all(again.map((one) => this.#run([one])))
  }
}

/** Whether it was answered; who found no room among others has it alone, unless this is the last word. */
function settle<Answer>(
  { resolve, reject }: Pending<unknown, Answer>,
  answer: Answer | Problem | undefined,
  last: boolean,
): boolean {
  if (answer === undefined || (answer instanceof Problem && !last)) return false
  if (answer instanceof Problem) reject(answer)
  else resolve(answer)
  return true
}

const failed = (error: Error): Answers<never> => ({ answers: [], error })
