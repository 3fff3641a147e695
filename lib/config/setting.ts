// The kinds of settings: each knows its default, how to read its text, and how to say what is allowed.
import { isIP } from 'node:net'
import { readDuration, readSize } from './units.ts'

export interface Setting<T> {
  /** The value without the setting; may depend on settings above it in the table. */
  fallback: T | ((above: Record<string, unknown>) => T)
  /** The value of a text; undefined when it is not allowed. */
  read(text: string): T | undefined
  /** What is allowed, to follow "must be". */
  allowed: string
  /** Its text is never repeated in a message. */
  secret?: boolean
}

interface Range {
  min: number
  max: number
}

const within = ({ min, max }: Range, value: number | undefined) =>
  value !== undefined && value >= min && value <= max ? value : undefined

/** A whole number. */
export function whole(range: Range, fallback: Setting<number>['fallback']): Setting<number> {
  return {
    fallback,
    read: (text) => within(range, /^\d{1,15}$/.test(text) ? Number(text) : undefined),
    allowed: `a whole number from ${range.min} to ${range.max}`,
  }
}

/** A length of time, in `unit` milliseconds each. */
export function duration(fallback: string, { unit, max }: { unit: number; max: string }): Setting<number> {
  const milliseconds = (text: string) => readDuration(text) as number
  return {
    fallback: milliseconds(fallback) / unit,
    read: (text) => {
      const value = within({ min: unit, max: milliseconds(max) }, readDuration(text))
      return value === undefined ? undefined : Math.floor(value / unit)
    },
    allowed: `a length of time such as ${fallback}, 90s or 12h (a plain number is seconds), more than 0 and at most ${max}`,
  }
}

/** A length of time in milliseconds, or `off`, which is 0, and the default unless there is a fallback. */
export function offOrDuration({ min, max, fallback }: Record<'min' | 'max', string> & { fallback?: string }) {
  const range = { min: readDuration(min) as number, max: readDuration(max) as number }
  const setting: Setting<number> = {
    fallback: fallback === undefined ? 0 : (readDuration(fallback) as number),
    read: (text) => (text === 'off' || text === '0' ? 0 : within(range, readDuration(text))),
    allowed: `off, or a length of time from ${min} to ${max}`,
  }
  return setting
}

/** A number of bytes. */
export function size(fallback: string, max: string): Setting<number> {
  return {
    fallback: readSize(fallback) as number,
    read: (text) => within({ min: 1, max: readSize(max) as number }, readSize(text)),
    allowed: `a size such as ${fallback}, 500 KB or 1048576 (bytes), more than 0 and at most ${max}`,
  }
}

/** Any text, or what a pattern or predicate lets pass. */
export function text<T extends string | undefined>(
  fallback: Setting<T>['fallback'],
  rule: { passes?: (text: string) => boolean; allowed?: string; secret?: boolean } = {},
): Setting<T> {
  const { passes = () => true, allowed = 'a text', secret = false } = rule
  return { fallback, read: (value) => (passes(value) ? (value as T) : undefined), allowed, secret }
}

/** One of a few words. */
export function oneOf(fallback: string, values: readonly string[]): Setting<string> {
  return text<string>(fallback, {
    passes: (value) => values.includes(value),
    allowed: `one of ${values.join(', ')}`,
  })
}

/** Yes or no. */
export function flag(fallback: Setting<boolean>['fallback']): Setting<boolean> {
  return {
    fallback,
    read: (value) => (['true', 'false'].includes(value) ? value === 'true' : undefined),
    allowed: 'true or false',
  }
}

/** A list separated by commas, each item of which must pass. */
export function list(passes: (item: string) => boolean, allowed: string): Setting<string[]> {
  return {
    fallback: [],
    read: (value) => {
      const items = splitList(value)
      return items.every(passes) ? items : undefined
    },
    allowed,
  }
}

/** Exact origins, or `*` alone for any. */
export function origins(): Setting<string[]> {
  const exact = list(
    isOrigin,
    'exact origins separated by commas, such as https://app.example.com,http://localhost:3000, or * for any',
  )
  return { ...exact, read: (value) => (value === '*' ? ['*'] : exact.read(value)) }
}

const MOST_HOPS = 100

/** Whose X-Forwarded-* headers count: everybody's, nobody's, so many proxies', or these addresses'. */
export function proxies(): Setting<boolean | number | string> {
  return {
    fallback: false,
    read: (value) => {
      if (value === 'true' || value === 'false') return value === 'true'
      if (/^\d{1,3}$/.test(value)) return within({ min: 0, max: MOST_HOPS }, Number(value))
      const items = splitList(value)
      return items.every(isAddress) ? items.join(',') : undefined
    },
    allowed:
      'true, false, the number of proxies in front, or their addresses separated by commas, such as 10.0.0.0/8,loopback',
  }
}

/** An origin exactly as a browser sends it. */
export function isOrigin(value: string): boolean {
  return /^https?:/.test(value) && URL.canParse(value) && new URL(value).origin === value
}

/** The URL of a service, without credentials and query. */
export function isEndpoint(value: string): boolean {
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) return false
  const { username, password, search, hash } = new URL(value)
  return username + password + search + hash === ''
}

function isAddress(item: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(item)) return true
  const [, address = '', bits = '0'] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(item) ?? []
  const family = isIP(address)
  return family > 0 && Number(bits) <= (family === 4 ? 32 : 128)
}

const splitList = (value: string): string[] => value.split(',').map((item) => item.trim())
