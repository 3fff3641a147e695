// Whatever is written, indexed, given up and filled in whatever order: a slot that may be read is right.

import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { fillStep } from '../../lib/indexing/fill-store.ts'
import { replaceEntity } from '../../lib/schema/change/replace-store.ts'
import { parseDefinition } from '../../lib/schema/definition/parse-definition.ts'
import {
  define,
  indexesOf,
  type Send,
  startSlots,
  wrongKeys,
  wrongSlots,
} from '../support/indexing/entity.ts'

const names = ['a', 'b', 'c', 'd']

const fieldsOf = (indexed: readonly string[]) =>
  names.map((name) => ({ name, type: 'integer', ...(indexed.includes(name) ? { indexed: true } : {}) }))

type Command =
  | { do: 'create'; values: (number | null)[] }
  | { do: 'patch'; at: number; field: string; value: number | null }
  | { do: 'delete'; at: number }
  | { do: 'index'; fields: string[] }
  | { do: 'fill'; records: number }

const value = fc.option(fc.integer({ min: -20, max: 20 }), { nil: null })

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      values: fc.array(value, { minLength: 4, maxLength: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('patch' as const),
      at: fc.nat(50),
      field: fc.constantFrom(...names),
      value,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), at: fc.nat(50) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('index' as const), fields: fc.subarray(names) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('fill' as const), records: fc.integer({ min: 1, max: 9 }) }),
  },
)

/** The entity under test, and a process that fills its slots. */
class Subject {
  readonly app: FastifyInstance
  readonly send: Send
  readonly name: string
  readonly worker = randomUUID()
  ids: string[] = []

  constructor(app: FastifyInstance, send: Send, name: string) {
    this.app = app
    this.send = send
    this.name = name
  }

  async begin(): Promise<void> {
    const records = Array.from({ length: 12 }, (_, n) => ({ a: n, b: -n, d: n % 3 }))
    await define(this.send, this.name, fieldsOf([]), records)
    this.ids = (await this.send('GET', `/${this.name}/?select=id`)).json().map(({ id }: { id: string }) => id)
  }

  async run(command: Command): Promise<void> {
    const at = 'at' in command ? (this.ids[command.at % this.ids.length] as string) : ''
    if (command.do === 'create')
      await this.#create(Object.fromEntries(names.map((n, i) => [n, command.values[i]])))
    else if (command.do === 'patch')
      await this.send('PATCH', `/${this.name}/${at}`, { [command.field]: command.value })
    else if (command.do === 'delete') await this.#delete(at)
    else if (command.do === 'index') await this.#index(command.fields)
    else await this.#fill(command.records)
  }

  async #create(record: object) {
    this.ids.push((await this.send('POST', `/${this.name}/`, record)).json().id)
  }

  async #delete(id: string) {
    if (this.ids.length < 5) return
    await this.send('DELETE', `/${this.name}/${id}`)
    this.ids = this.ids.filter((other) => other !== id)
  }

  /** Past the route, which would wake the server's own worker. */
  async #index(fields: string[]) {
    const parsed = parseDefinition(
      { fields: fieldsOf(fields) },
      { segments: new Set(), current: { name: this.name, fields: [] } },
    )
    const [tenant] = (await this.app.pg.query("select id from tenant_by_name('default')")).rows
    const replacement = { tenantId: tenant.id, name: this.name, versions: undefined, grace: undefined }
    await replaceEntity(this.app, { ...replacement, action: 'schema.change', revise: () => parsed })
  }

  async #fill(records: number) {
    const job = await this.app.directory.claimSlotFill(this.worker)
    if (job !== null) await fillStep(this.app, job, records)
  }

  async check(): Promise<void> {
    const keys = await wrongKeys(this.app, this.name)
    if (keys > 0) throw new Error(`${keys} records with wrong keys`)
    const indexes = await indexesOf(this.send, this.name)
    for (const { field, slot, state } of indexes) {
      const wrong = state === 'ready' ? await wrongSlots(this.app, this.name, field, slot) : 0
      if (wrong > 0) throw new Error(`${wrong} wrong values in the slot of ${field}`)
    }
  }

  /** With nothing more to fill, every field that asks for an index has one. */
  async settle(): Promise<void> {
    for (let job = await this.app.directory.claimSlotFill(this.worker); job !== null; ) {
      await fillStep(this.app, job, 5)
      job = await this.app.directory.claimSlotFill(this.worker)
    }
    const indexes = await indexesOf(this.send, this.name)
    if (indexes.some(({ state }) => state !== 'ready')) throw new Error('a slot was never filled')
    await this.check()
  }
}

t.test(
  'a slot that may be read holds what its field holds, and the others have their keys, in any order of events',
  async (t) => {
    t.setTimeout(300_000)
    const { app, send } = await startSlots(t)
    let run = 0
    const property = fc.asyncProperty(
      fc.array(command, { minLength: 10, maxLength: 40 }),
      async (commands) => {
        const subject = new Subject(app, send, `thing${run++}`)
        await subject.begin()
        for (const one of commands) {
          await subject.run(one)
          if (one.do === 'fill') await subject.check()
        }
        await subject.settle()
      },
    )
    await fc.assert(property, { numRuns: 10 })
    t.ok(run >= 10)
  },
)
