// The Prefer header (RFC 7240) with the preferences of PostgREST and our own `bulk`; and what goes back as
// Preference-Applied. An unknown preference is passed over, or refused under `handling=strict`.
// https://docs.postgrest.org/en/stable/references/api/preferences.html
import { errors } from '../errors.ts'

export interface Preferences {
  return?: 'minimal' | 'representation' | 'headers-only'
  count?: 'exact' | 'planned' | 'estimated'
  resolution?: 'merge-duplicates' | 'ignore-duplicates'
  missing?: 'default' | 'null'
  handling?: 'strict' | 'lenient'
  tx?: 'commit' | 'rollback'
  bulk?: 'partial'
  maxAffected?: number
}

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  return: ['minimal', 'representation', 'headers-only'],
  count: ['exact', 'planned', 'estimated'],
  resolution: ['merge-duplicates', 'ignore-duplicates'],
  missing: ['default', 'null'],
  handling: ['strict', 'lenient'],
  tx: ['commit', 'rollback'],
  bulk: ['partial'],
}

function understand(name: string, value: string): Preferences | undefined {
  if (name === 'max-affected') return /^\d{1,9}$/.test(value) ? { maxAffected: Number(value) } : undefined
  return CHOICES[name]?.includes(value) ? { [name]: value } : undefined
}

/** Reads the header; the first of two preferences with one name counts. errors.invalidPreference under `handling=strict`. */
export function parsePrefer(header: string | string[] | undefined): Preferences {
  if (header === undefined) return {}
  const preferences: Preferences = {}
  const unknown: string[] = []
  for (const token of String(header).split(',')) {
    const [name = '', value = ''] = token.split('=', 2).map((part) => part.trim().replace(/^"(.*)"$/, '$1'))
    const understood = understand(name.toLowerCase(), value)
    if (understood !== undefined) Object.assign(preferences, { ...understood, ...preferences })
    else if (token.trim() !== '') unknown.push(token.trim())
  }
  if (preferences.handling === 'strict' && unknown.length > 0) throw errors.invalidPreference(unknown)
  return preferences
}

/** The value of Preference-Applied; undefined when nothing was preferred. */
export function preferenceApplied({ maxAffected, ...choices }: Preferences): string | undefined {
  const applied = Object.entries(choices).map(([name, value]) => `${name}=${value}`)
  if (maxAffected !== undefined) applied.push(`max-affected=${maxAffected}`)
  return applied.length === 0 ? undefined : applied.join(', ')
}
