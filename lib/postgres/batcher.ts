// Statements of one tenant at one epoch that are asked for in the same turn of the event loop, or while others of their
// kind are under way, travel together: one entrance, one transaction, one commit for all of them. None of them knows:
// when one fails, or takes all the room there is for answers, the others are asked again, each alone.
import { Problem } from '../errors/problem.ts'
import type { Scope, Statement, TextRow } from './queryable.ts'

/** A statement whose asker waits for its rows. */
export interface Pending {
  readonly statement: Statement
  resolve(rows: TextRow[]): void
  reject(error: unknown): void
}

/** The rows of a statement, or why they were not kept. */
export type Answer = TextRow[] | Problem

/** What became of statements sent together: the answers of those that ran before the error, if there was one. */
export interface Outcome {
  answers: readonly Answer[]
  error: Error | null
}

/** The rows of the one statement that was sent. */
export function onlyRows({ answers: [answer = []], error }: Outcome): TextRow[] {
  if (error !== null) throw error
  if (answer instanceof Problem) throw answer
  return answer
}

export interface BatcherOptions {
  /** Runs the statements in this order in one transaction. */
  send(scope: Scope, entityIds: readonly number[], statements: readonly Statement[]): Promise<Outcome>
  /** Whether others than the one that failed may simply run again: nothing of them has happened. */
  mayRepeat(error: Error): boolean
  /** How many transactions of one kind may be under way at once. */
  concurrency: number
  /** How many statements one transaction may have. */
  maxSize: number
  /** Whether what was read before a failure counts. */
  readOnly: boolean
}

interface Kind {
  readonly scope: Scope
  readonly entityIds: readonly number[]
}

interface Group extends Kind {
  readonly key: string
  waiting: Pending[]
  underWay: number
}

export class Batcher {
  readonly #groups = new Map<string, Group>()
  /** Those that somebody has joined in this turn of the event loop. */
  readonly #touched = new Set<Group>()
  readonly #options: BatcherOptions

  constructor(options: BatcherOptions) {
    this.#options = options
  }

  /** The rows of a statement; it rejects with its own error, never with that of another. */
  ask(scope: Scope, entityIds: readonly number[], statement: Statement): Promise<TextRow[]> {
    return new Promise((resolve, reject) => {
      const group = this.#groupOf(scope, entityIds)
      group.waiting.push({ statement, resolve, reject })
      if (this.#touched.size === 0) setImmediate(() => this.#flushAll())
      this.#touched.add(group)
    })
  }

  #flushAll(): void {
    const touched = [...this.#touched]
    this.#touched.clear()
    for (const group of touched) this.#flush(group)
  }

  #groupOf(scope: Scope, entityIds: readonly number[]): Group {
    const key = `${scope.id} ${scope.epoch} ${entityIds.join()}`
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const group = { key, scope, entityIds, waiting: [], underWay: 0 }
    this.#groups.set(key, group)
    return group
  }

  #flush(group: Group): void {
    const { concurrency, maxSize } = this.#options
    while (group.waiting.length > 0 && group.underWay < concurrency) {
      const asked = group.waiting.splice(0, maxSize)
      group.underWay += 1
      this.#run(group, asked).finally(() => {
        group.underWay -= 1
        this.#flush(group)
      })
    }
    if (group.waiting.length + group.underWay === 0) this.#groups.delete(group.key)
  }

  async #run(group: Kind, asked: readonly Pending[]): Promise<void> {
    const { send, mayRepeat, readOnly } = this.#options
    const statements = asked.map(({ statement }) => statement)
    const { answers, error } = await send(group.scope, group.entityIds, statements).catch(failed)
    const done = error === null || readOnly ? answers : []
    const alone = asked.length === 1
    // What is written is written, whatever becomes of its answer.
    const last = alone || (error === null && !readOnly)
    const again = asked.filter((one, at) => !settle(one, done[at], last))
    if (error !== null && (alone || !mayRepeat(error))) for (const { reject } of again) reject(error)
    else await Promise.all(again.map((one) => this.#run(group, [one])))
  }
}

/** Whether it was answered; who found no room among others has it alone, unless this is the last word. */
function settle({ resolve, reject }: Pending, answer: Answer | undefined, last: boolean): boolean {
  if (answer === undefined || (answer instanceof Problem && !last)) return false
  if (answer instanceof Problem) reject(answer)
  else resolve(answer)
  return true
}

const failed = (error: Error): Outcome => ({ answers: [], error })
