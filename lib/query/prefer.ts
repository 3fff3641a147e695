// Parses the Prefer header (RFC 7240) into preferences, and writes Preference-Applied. Ignores unknown preferences; with
// `handling=strict` refuses them.
import { errors } from '../errors.ts'

/** Seconds that addresses of files may be signed for: 7 days. */
export const MAX_SIGNED = 7 * 24 * 60 * 60

export interface Preferences {
  return?: 'minimal' | 'representation' | 'headers-only'
  count?: 'exact' | 'planned' | 'estimated'
  resolution?: 'merge-duplicates' | 'ignore-duplicates'
  missing?: 'default' | 'null'
  handling?: 'strict' | 'lenient'
  /** A change of more records than this is refused. */
  maxAffected?: number
  tx?: 'commit' | 'rollback'
  bulk?: 'partial'
  systemFields?: 'keep'
  /** Seconds that the addresses of files in the answer are signed for. */
  sign?: number
  /** Seconds that an answer may take; then the work goes on, and the answer says where (RFC 7240, 4.3). */
  wait?: number
}

const values: Readonly<Record<string, readonly string[]>> = {
  return: ['minimal', 'representation', 'headers-only'],
  count: ['exact', 'planned', 'estimated'],
  resolution: ['merge-duplicates', 'ignore-duplicates'],
  missing: ['default', 'null'],
  handling: ['strict', 'lenient'],
  tx: ['commit', 'rollback'],
  bulk: ['partial'],
  'system-fields': ['keep'],
}

/** Preferences whose names are not those of members. */
const HYPHENATED: Readonly<Record<string, keyof Preferences>> = {
  'max-affected': 'maxAffected',
  'system-fields': 'systemFields',
}

const allowed = new Map(Object.entries(values))

/** Parses the header; of two values of one preference the first counts. */
export function parsePrefer(header: string | readonly string[] | undefined): Preferences {
  const preferences: Record<string, string | number> = {}
  const unknown: string[] = []
  for (const token of tokensOf(header)) {
    const [name = '', value = ''] = token.split(';', 1)[0]?.split('=', 2).map(unquote) ?? []
    const known = readValue(name.toLowerCase(), value)
    if (known === undefined) unknown.push(token)
    else if (!Object.hasOwn(preferences, known[0])) preferences[known[0]] = known[1]
  }
  if (preferences.handling === 'strict' && unknown.length > 0) throw errors.unknownPreference(unknown)
  return preferences
}

function tokensOf(header: string | readonly string[] | undefined): string[] {
  const text = typeof header === 'string' ? header : (header ?? []).join(',')
  return text.split(',').flatMap((token) => token.trim() || [])
}

const unquote = (text: string) => text.trim().replace(/^"(.*)"$/, '$1')

const isValidity = (text: string) => /^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_SIGNED

function readValue(name: string, value: string): [keyof Preferences, string | number] | undefined {
  if (name === 'max-affected') return /^\d{1,15}$/.test(value) ? ['maxAffected', Number(value)] : undefined
  if (name === 'wait') return /^\d{1,4}$/.test(value) ? ['wait', Number(value)] : undefined
  if (name === 'sign') return isValidity(value) ? ['sign', Number(value)] : undefined
  const lower = value.toLowerCase()
  if (!allowed.get(name)?.includes(lower)) return undefined
  return [HYPHENATED[name] ?? (name as keyof Preferences), lower]
}

function spellingOf(name: keyof Preferences): string {
  return Object.keys(HYPHENATED).find((spelling) => HYPHENATED[spelling] === name) ?? name
}

/**
 * The value of Preference-Applied; undefined if no preference was applied.
 *
 * @param honoured the preferences that have a meaning for this request
 */
export function preferenceApplied(
  preferences: Preferences,
  honoured: readonly (keyof Preferences)[],
): string | undefined {
  const applied = honoured.flatMap((name) => {
    const value = preferences[name]
    return value === undefined ? [] : `${spellingOf(name)}=${value}`
  })
  return applied.length === 0 ? undefined : applied.join(', ')
}
