// From one definition to the next: what keeps its key and slot, what has to be done with the records, what is refused.
import t from 'tap'
import type { Entity, EntityDefinition } from '../../../lib/entities/entity.ts'
import { slotsAfterFill } from '../../../lib/entities/slots.ts'
import {
  createEntityDefinition,
  needsNoRewrite,
  reviseDefinition,
} from '../../../lib/schema/change/revise.ts'
import { type ParsedDefinition, parseDefinition } from '../../../lib/schema/definition/parse-definition.ts'
import { presentDefinition } from '../../../lib/schema/definition/present-definition.ts'

type Options = Record<string, unknown>

function parse(fields: Options[], unique?: string[][]): ParsedDefinition {
  return parseDefinition({ entity_name: 'student', fields, unique }, { segments: new Set() })
}

function define(fields: Options[], unique?: string[][]): EntityDefinition {
  return createEntityDefinition(parse(fields, unique))
}

function revise(before: EntityDefinition, fields: Options[], unique?: string[][]) {
  return reviseDefinition(before, parse(fields, unique))
}

const name = { name: 'name', type: 'string' }

const age = { name: 'age', type: 'integer' }

const boss = { name: 'boss', type: 'relation', entity: 'student' }

t.test('a field keeps its key; a name used before gets another one', async (t) => {
  const first = define([name, age])
  t.strictSame(
    first.fields.map(({ key }) => key),
    ['name', 'age'],
  )
  const { definition: second } = revise(first, [age])
  t.strictSame(second.retiredKeys, ['name'])
  const { definition: third } = revise(second, [{ ...name, type: 'integer' }, age])
  t.strictSame(
    third.fields.map(({ key }) => key),
    ['name~2', 'age'],
  )
  const { definition: fourth } = revise(revise(third, [age]).definition, [age, name])
  t.strictSame(
    fourth.fields.map(({ key }) => key),
    ['age', 'name~3'],
  )
})

t.test('retired keys do not pile up over many versions', async (t) => {
  let definition = define([name])
  for (let version = 0; version < 50; version += 1) {
    definition = revise(revise(definition, [age]).definition, [name]).definition
  }
  t.strictSame(
    definition.fields.map(({ key }) => key),
    ['name~51'],
  )
  t.strictSame(definition.retiredKeys.toSorted(), ['age~50', 'name~50'])
})

t.test('unique constraints keep their slots and free ones are taken, unused ones first', async (t) => {
  const first = define([{ ...name, unique: true }, age], [['name', 'age']])
  t.strictSame(first.constraints, [
    { keys: ['name'], slot: 1 },
    { keys: ['name', 'age'], slot: 2 },
  ])
  const second = revise(first, [name, { ...age, unique: true }], [['name', 'age']])
  t.strictSame(second.definition.constraints, [
    { keys: ['age'], slot: 3 },
    { keys: ['name', 'age'], slot: 2 },
  ])
  t.strictSame(second.work.constraints, [{ keys: ['age'], slot: 3 }])
  const third = revise(first, [name, age], [['name'], ['name', 'age']])
  t.ok(needsNoRewrite(third.work), 'the same constraint in another spelling')
})

t.test('index slots: asked ones are given, the server’s own stay, dropped ones are freed', async (t) => {
  const first = define([{ ...name, indexed: true }, age])
  t.strictSame(first.slots, { name: { slot: 1, ready: true } })
  first.slots.age = { slot: 2, ready: true }
  const born = { name: 'born', type: 'date', indexed: true }
  const second = revise(first, [name, age, born])
  t.strictSame(second.definition.slots, {
    name: { slot: 1, ready: true, leaving: true },
    age: { slot: 2, ready: true },
    born: { slot: 3, ready: false },
  })
  const again = revise(second.definition, [{ ...name, indexed: true }, age, born])
  t.strictSame(again.definition.slots.name, { slot: 1, ready: true }, 'asked for again before it has left')
  t.ok(needsNoRewrite(second.work), 'slots are filled later')
  t.strictSame(revise(first, [{ ...name, indexed: true }]).definition.slots, {
    name: { slot: 1, ready: true },
  })
  const twelve = Array.from({ length: 12 }, (_, at) => ({ name: `f${at}`, type: 'date', indexed: true }))
  const numbersOf = (slots: Record<string, { slot: number }>) =>
    Object.values(slots)
      .map(({ slot }) => slot)
      .toSorted((a, b) => a - b)
  const all = Array.from({ length: 12 }, (_, at) => at + 1)
  const full = revise(first, [age, ...twelve]).definition
  t.strictSame(full.slots.age, { slot: 2, ready: true, leaving: true }, 'what was asked for goes first')
  t.notOk(Object.hasOwn(full.slots, 'f11'), 'the last one waits for its slot')
  t.strictSame(numbersOf(full.slots), all)
  const left = slotsAfterFill(full)
  t.strictSame(left.f11, { slot: 2, ready: false })
  t.notOk(Object.hasOwn(left, 'age'))
  t.strictSame(numbersOf(left), all)
  const { slots } = revise(define([born]), [{ name: 'born', type: 'date' }]).definition
  t.strictSame(slots, {}, 'a key that SQL makes needs no copy')
})

const object = (...fields: Options[]) => ({ name: 'f', type: 'object', fields })

const array = (items: Options, options = {}) => ({ name: 'f', type: 'array', items, ...options })

const unseen: [what: string, before: Options, after: Options][] = [
  ['a label', name, { ...name, label: 'Name', description: 'x', group: 'g', ui: { a: 1 }, default: 'x' }],
  ['no longer required', { ...name, required: true }, name],
  ['longer texts', { ...name, max_length: 5, min_length: 2 }, { ...name, max_length: 6, min_length: 1 }],
  ['no more pattern', { ...name, pattern: 'a' }, name],
  ['a wider range', { ...age, min: 0, max: 5 }, { ...age, min: -1 }],
  ['more values', { ...name, type: 'enum', values: ['a'] }, { ...name, type: 'enum', values: ['b', 'a'] }],
  ['string to text', { ...name, max_length: 5 }, { ...name, type: 'text', max_length: 5 }],
  ['email to string', { ...name, type: 'email' }, name],
  ['another on_delete', boss, { ...boss, on_delete: 'cascade' }],
  ['a new member', object(name), object({ ...name, label: 'x' }, age)],
  ['wider items', array({ type: 'integer', min: 0 }), array({ type: 'integer' })],
]

for (const [what, before, after] of unseen) {
  t.test(`${what}: no record has to be looked at`, async (t) => {
    t.ok(needsNoRewrite(revise(define([before]), [after]).work))
  })
}

const looked: [what: string, before: Options, after: Options][] = [
  ['newly required', name, { ...name, required: true }],
  ['shorter texts', name, { ...name, max_length: 5 }],
  ['a new pattern', { ...name, pattern: 'a' }, { ...name, pattern: 'b' }],
  ['a narrower range', { ...age, max: 6 }, { ...age, max: 5 }],
  ['another decimal bound', { ...age, type: 'decimal', min: '1' }, { ...age, type: 'decimal', min: '0' }],
  ['fewer values', { ...name, type: 'enum', values: ['a', 'b'] }, { ...name, type: 'enum', values: ['a'] }],
  ['text to a shorter string', { ...name, type: 'text' }, { ...name, max_length: 5 }],
  ['a member gone', object(name, age), object(name)],
  ['a member newly required', object(name), object(name, { ...age, required: true })],
  ['narrower items', array({ type: 'integer' }), array({ type: 'integer', min: 0 })],
]

for (const [what, before, after] of looked) {
  t.test(`${what}: the records are looked at`, async (t) => {
    const { work } = revise(define([before]), [after])
    t.match(work.fields, [{ name: after.name as string }])
  })
}

const converted: [what: string, before: Options, after: Options][] = [
  ['another scale', { ...age, type: 'decimal', scale: 1 }, { ...age, type: 'decimal', scale: 2 }],
  ['another type', age, { ...age, type: 'float' }],
  ['string to email', name, { ...name, type: 'email' }],
  ['json to object', { name: 'f', type: 'json' }, object(name)],
  ['trimmed texts', name, { ...name, trim: true }],
  ['one to many', boss, { ...boss, many: true }],
  ['relation to uuid', boss, { name: 'boss', type: 'uuid' }],
  ['text to relation', { name: 'boss', type: 'string' }, boss],
  ['many values to one', { ...name, type: 'enum', values: ['a'], many: true }, name],
]

for (const [what, before, after] of converted) {
  t.test(`${what}: the field has a new key, and the old values stay`, async (t) => {
    const { definition, work } = revise(define([before]), [after])
    const [key, next] = [before.name as string, `${before.name as string}~2`]
    t.match(definition.fields, [{ key: next, from: [{ key }] }])
    t.match([...work.conversions.keys()], [next])
    t.strictSame(definition.retiredKeys, [key])
  })
}

t.test('a new field asks for work only when it is required', async (t) => {
  t.ok(needsNoRewrite(revise(define([name]), [name, age]).work))
  t.match(revise(define([name]), [name, { ...age, required: true, default: 1 }]).work.fields, [
    { name: 'age' },
  ])
  t.ok(needsNoRewrite(revise(define([name, age]), [name]).work))
})

t.test('a unique field whose type changes has its slot filled anew', async (t) => {
  const { work } = revise(define([{ ...age, unique: true }]), [{ ...age, type: 'decimal', unique: true }])
  t.strictSame(work.constraints, [{ keys: ['age~2'], slot: 2 }])
})

const refused: [what: string, before: Options, after: Options][] = [
  ['another entity', boss, { ...boss, entity: 'course' }],
  ['items that refer', array({ type: 'uuid' }), array({ type: 'file' })],
  ['members that refer', object(boss), object({ ...boss, entity: 'course' })],
  ['object to text', object(name), { ...name, name: 'object' }],
]

for (const [what, before, after] of refused) {
  t.test(`${what}: refused, with what is possible`, async (t) => {
    const [one] = define([before]).fields
    t.throws(() => revise(define([before]), [{ ...after, name: one?.name }]), {
      kind: { code: 'cannot_convert' },
      message: /can become/,
    } as unknown as Error)
  })
}

t.test('what is shown is what was sent, and goes back in unchanged', async (t) => {
  const fields = [
    { ...name, unique: true, indexed: true, ui: { width: 5 } },
    { ...age, min: 0 },
    object({ ...name, required: true }, boss, array({ type: 'decimal', scale: 2 })),
    array({ type: 'object', fields: [age] }, { name: 'list', max_items: 3 }),
  ]
  const definition = define(fields, [['name', 'age']])
  const stamp = '2024-01-01T00:00:00Z'
  const entity: Entity = {
    ...definition,
    tenantId: 't',
    id: 1,
    name: 'student',
    version: 2,
    createdAt: stamp,
    updatedAt: stamp,
  }
  const shown = presentDefinition(entity)
  t.same(shown, {
    entity_name: 'student',
    label: null,
    description: null,
    version: 2,
    fields,
    unique: [['name', 'age']],
    created_at: stamp,
    updated_at: stamp,
  })
  const back = parseDefinition(shown, { segments: new Set(), current: { name: 'student', fields: [] } })
  const { definition: next, work } = reviseDefinition(entity, back)
  t.same(next, definition)
  t.ok(needsNoRewrite(work))
})
