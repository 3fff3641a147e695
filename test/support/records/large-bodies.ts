// Bodies that take a server long, and what may become of them.

export const LARGE_FIELDS = [
  { name: 'v', type: 'string', pattern: '^(a|b|[a-z])+$' },
  { name: 'n', type: 'integer' },
]

interface LargeBody {
  name: string
  body: string
  /** Statuses. */
  allowed: number[]
}

export const largeBodies = (): LargeBody[] => [
  { name: '100,000 things that are no records', body: `[${'1,'.repeat(100_000)}1]`, allowed: [413] },
  { name: '100,000 bad records', body: `[${'{"x":1},'.repeat(100_000)}1]`, allowed: [413] },
  { name: '50,000 good records', body: `[${'{"n":1},'.repeat(50_000)}{}]`, allowed: [413] },
  { name: 'a text of a megabyte', body: `{"v":"${'a'.repeat(1_000_000)}"}`, allowed: [201, 400] },
  {
    name: '10,000 texts for a pattern',
    body: `[${`{"v":"${'a'.repeat(60)}"},`.repeat(9999)}{}]`,
    allowed: [201, 400],
  },
  {
    name: '100,000 names that are no fields',
    body: `{${Array.from({ length: 80_000 }, (_, i) => `"x${i}":1`)}}`,
    allowed: [400],
  },
]
