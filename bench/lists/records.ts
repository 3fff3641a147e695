// The records of the benchmark: the same in every run, random enough that no value is near another of its kind.

const FIRST = 'bdfgklmnprstvz'

const VOWELS = 'aeiou'

export const SCHOOLS = 500

export const TAGS = 50

export const AGES = 50

export const COMMENTS_PER_STUDENT = 2

const SEED = 14

export type Random = () => number

/** Mulberry32: numbers from 0 to 1 that are the same for the same seed. */
export function randomFrom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const below = (random: Random, limit: number): number => Math.floor(random() * limit)

export function pick<T>(random: Random, list: ArrayLike<T>): T {
  return list[below(random, list.length)] as T
}

export const syllable = (random: Random): string => pick(random, FIRST) + pick(random, VOWELS)

function word(random: Random, syllables: number): string {
  const text = Array.from({ length: syllables }, () => syllable(random)).join('')
  return text[0]?.toUpperCase() + text.slice(1)
}

export const personName = (random: Random): string => `${word(random, 2)} ${word(random, 3)}`

/** The email of the student of this number; no other has it. */
export const emailOf = (at: number): string => `${(Math.imul(at, 0x9e3779b1) >>> 0).toString(36)}@example.com`

export const schoolName = (at: number): string => `School ${at}`

export function studentOf(random: Random, email: string, school: string) {
  const name = personName(random)
  const grade = random() < 0.2 ? null : below(random, 60) / 10
  const amount = (random() * 1000).toFixed(2)
  return { name, age: below(random, AGES), email, enrolled: random() < 0.5, amount, grade, school }
}

export type Student = ReturnType<typeof studentOf>

export const schools = () => Array.from({ length: SCHOOLS }, (_, at) => ({ name: schoolName(at) }))

export const tags = () => Array.from({ length: TAGS }, (_, at) => ({ name: `tag ${at}` }))

export function* students(count: number, schoolIds: readonly string[]): Generator<Student> {
  const random = randomFrom(SEED)
  for (let at = 0; at < count; at++) yield studentOf(random, emailOf(at), pick(random, schoolIds))
}

export function* comments(studentIds: readonly string[], tagIds: readonly string[]) {
  const random = randomFrom(SEED + 1)
  for (let at = 0; at < studentIds.length * COMMENTS_PER_STUDENT; at++) {
    const own = new Set(Array.from({ length: below(random, 4) }, () => pick(random, tagIds)))
    yield { body: `${word(random, 4)} ${word(random, 6)}`, student: pick(random, studentIds), tags: [...own] }
  }
}
