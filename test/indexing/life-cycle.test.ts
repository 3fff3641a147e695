// An answer never depends on an index: not on whether there is one, nor on how far it has been filled.

import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { fillStep } from '../../lib/indexing/fill-store.ts'
import {
  define,
  holdFill,
  indexesOf,
  redefine,
  type Send,
  startSlots,
  wrongSlots,
} from '../support/indexing/entity.ts'
import { fieldsOf, names, questionsAbout, recordOf } from '../support/indexing/values.ts'

const halves = { left: names.slice(0, 7), right: names.slice(7) }

const entities = ['plain', ...Object.keys(halves)]

const questions = names.flatMap(questionsAbout)

/** The records of an answer without what makes them the ones of their entity. */
async function answerOf(send: Send, entity: string, question: string) {
  const answer = await send('GET', `/${entity}/?select=${names}&${question}`)
  if (answer.statusCode !== 200) throw new Error(`${question}: ${answer.body}`)
  return answer.body
}

async function compareAll(t: Test, send: Send, stage: string) {
  let empty = 0
  for (const question of questions) {
    const [expected, ...others] = await Promise.all(
      entities.map((entity) => answerOf(send, entity, question)),
    )
    if (expected === '[]') empty += 1
    for (const [at, answer] of others.entries())
      if (answer !== expected)
        t.same(JSON.parse(answer), JSON.parse(expected ?? ''), `${entities[at + 1]}?${question}`)
  }
  t.ok(empty < questions.length / 4, `${stage}: ${questions.length} questions, ${empty} without records`)
}

/** Writes the same to every entity: new records, changed ones, unset fields, a deleted one. */
async function writeEverywhere(send: Send, round: number) {
  for (const entity of entities) {
    const ids: string[] = (await send('GET', `/${entity}/?select=id`))
      .json()
      .map(({ id }: { id: string }) => id)
    const pick = (n: number) => `/${entity}/${ids[(round * 11 + n * 17) % ids.length]}`
    const done = [
      await send(
        'POST',
        `/${entity}/`,
        Array.from({ length: 5 }, (_, n) => recordOf(100 + round * 5 + n)),
      ),
      await send('PUT', pick(1), recordOf(200 + round)),
      await send('PATCH', pick(2), { name: null, age: 77, kind: 'l' }),
      await send('PATCH', `/${entity}/?score=eq.10`, { score: '9.5', born: '1999-12-31', site: null }),
      await send('DELETE', pick(3)),
    ]
    for (const { statusCode, body } of done) if (statusCode >= 300) throw new Error(body)
  }
}

async function checkSlots(t: Test, app: FastifyInstance, send: Send) {
  for (const [entity, fields] of Object.entries(halves)) {
    const indexes = await indexesOf(send, entity)
    t.same(
      indexes.map(({ field, state }) => [field, state]),
      fields.map((field) => [field, 'ready']),
    )
    for (const { field, slot } of indexes) t.equal(await wrongSlots(app, entity, field, slot), 0, field)
  }
}

t.test(
  'every type, operator and order: without slots, with slots being filled beside writers, and with ready ones',
  async (t) => {
    t.setTimeout(300_000)
    const { app, send } = await startSlots(t)
    const records = Array.from({ length: 60 }, (_, n) => recordOf(n))
    for (const entity of entities) await define(send, entity, fieldsOf([]), records)

    const fills = await Promise.all(Object.keys(halves).map((entity) => holdFill(app, entity)))
    for (const [entity, indexed] of Object.entries(halves)) await redefine(send, entity, fieldsOf(indexed))
    let running = fills
    for (let round = 1; running.length > 0; round++) {
      await writeEverywhere(send, round)
      if (round === 3) await compareAll(t, send, 'half filled')
      const steps = await Promise.all(running.map((fill) => fillStep(app, fill, 13)))
      running = running.filter((_, at) => steps[at] === 'more')
    }
    await checkSlots(t, app, send)
    await writeEverywhere(send, 50)
    await checkSlots(t, app, send)
    await compareAll(t, send, 'ready, and written')
  },
)
