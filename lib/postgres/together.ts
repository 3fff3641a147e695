// Statements of one tenant at one epoch that are asked for in the same turn of the event loop, or while others of their
// kind are under way, travel together: one entrance, one transaction, one commit for all of them. None of them knows:
// when one fails, the others are asked again, each alone.
import { Problem } from '../errors/problem.ts'
import type { Scope, Statement, TextRow } from './queryable.ts'

/** A statement whose asker waits for its rows. */
export interface Asked {
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

export interface Travel {
  /** Runs the statements in this order in one transaction. */
  send(scope: Scope, entityIds: readonly number[], statements: readonly Statement[]): Promise<Outcome>
  /** Whether others than the one that failed may simply run again: nothing of them has happened. */
  mayRepeat(error: Error): boolean
  /** How many transactions of one kind may be under way at once. */
  lanes: number
  /** How many statements one transaction may have. */
  most: number
  /** Whether what was read before a failure counts. */
  readOnly: boolean
}

interface Group {
  readonly key: string
  readonly scope: Scope
  readonly entityIds: readonly number[]
  waiting: Asked[]
  underWay: number
}

export class Together {
  readonly #groups = new Map<string, Group>()
  /** Those that somebody has joined in this turn of the event loop. */
  readonly #departing = new Set<Group>()
  readonly #travel: Travel

  constructor(travel: Travel) {
    this.#travel = travel
  }

  /** The rows of a statement; it rejects with its own error, never with that of another. */
  ask(scope: Scope, entityIds: readonly number[], statement: Statement): Promise<TextRow[]> {
    return new Promise((resolve, reject) => {
      const group = this.#groupOf(scope, entityIds)
      group.waiting.push({ statement, resolve, reject })
      if (this.#departing.size === 0) setImmediate(() => this.#departAll())
      this.#departing.add(group)
    })
  }

  #departAll(): void {
    const departing = [...this.#departing]
    this.#departing.clear()
    for (const group of departing) this.#depart(group)
  }

  #groupOf(scope: Scope, entityIds: readonly number[]): Group {
    const key = `${scope.id} ${scope.epoch} ${entityIds.join()}`
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const group = { key, scope, entityIds, waiting: [], underWay: 0 }
    this.#groups.set(key, group)
    return group
  }

  #depart(group: Group): void {
    const { lanes, most } = this.#travel
    while (group.waiting.length > 0 && group.underWay < lanes) {
      const asked = group.waiting.splice(0, most)
      group.underWay += 1
      this.#run(group, asked).finally(() => {
        group.underWay -= 1
        this.#depart(group)
      })
    }
    if (group.waiting.length + group.underWay === 0) this.#groups.delete(group.key)
  }

  async #run({ scope, entityIds }: Group, asked: readonly Asked[]): Promise<void> {
    const { send, mayRepeat, readOnly } = this.#travel
    const statements = asked.map(({ statement }) => statement)
    const { answers, error } = await send(scope, entityIds, statements).catch(failed)
    const done = error === null || readOnly ? answers : []
    for (const [at, answer] of done.entries()) {
      if (answer instanceof Problem) asked[at]?.reject(answer)
      else asked[at]?.resolve(answer)
    }
    if (error === null) return
    const left = asked.slice(done.length)
    if (asked.length === 1 || !mayRepeat(error)) for (const { reject } of left) reject(error)
    else await Promise.all(left.map((one) => this.#run({ scope, entityIds } as Group, [one])))
  }
}

const failed = (error: Error): Outcome => ({ answers: [], error })
