// JSON bodies made at random, up to the largest that is read: deep, long, wide, with names and numbers that programs trip over.
import type { Random } from '../random.ts'

const LARGEST = 1_000_000

const NAMES = [
  'f0',
  'f1',
  'u',
  'e',
  'username',
  'password',
  'entity_name',
  'fields',
  'name',
  '__proto__',
  'toString',
  'constructor',
  'valueOf',
  '',
  '\u2028',
  'name"',
]

const SCALARS = [
  '1',
  '-0',
  '1e400',
  '12345678901234567890',
  '"x"',
  '"\\u0000"',
  '"\\ud800"',
  'null',
  'true',
  '1e-400',
  '{"toString":1,"valueOf":1}',
]

/** Of so many characters at most, whatever they make. */
const fill = (text: string, size: number) => text.repeat(Math.max(1, Math.floor(size / text.length)))

const SHAPES: ((random: Random, size: number) => string)[] = [
  (random, size) => nested('[', ']', random.pick(SCALARS), Math.floor(size / 2)),
  (random, size) =>
    nested(`{"${random.pick(['f0', 'a'])}":`, '}', random.pick(SCALARS), Math.floor(size / 8)),
  (random, size) => `[${fill(`${random.pick(SCALARS)},`, size)}1]`,
  (random, size) => `[${fill(`{"${random.pick(['f0', 'u', 'zz'])}":${random.pick(SCALARS)}},`, size)}{}]`,
  (_random, size) => `{${Array.from({ length: Math.floor(size / 14) }, (_, at) => `"k${at}":1`)}}`,
  (random, size) =>
    `{"${random.pick(['f0', 'u', 'username'])}":"${fill(random.pick(['a', '\\ud800', '\\\\', 'é']), size)}"}`,
  (_random, size) => `{${fill('"f0":1,', size)}"f0":2}`,
  (random, size) => fill(random.pick(['[', '{"a":', '"', '1', '{', '\\']), size),
]

function nested(open: string, close: string, core: string, depth: number): string {
  return open.repeat(depth) + core + close.repeat(depth)
}

function smallObject(random: Random): string {
  const members = Array.from({ length: 1 + random.below(6) }, () => {
    const value = random.chance(0.3) ? random.pick(SHAPES)(random, 12_000) : random.pick(SCALARS)
    return `${JSON.stringify(random.pick(NAMES))}:${value}`
  })
  return `{${members}}`
}

export function randomBody(random: Random): string {
  if (random.chance(0.5)) return smallObject(random)
  return random.pick(SHAPES)(random, Math.floor(LARGEST * random.next()))
}
