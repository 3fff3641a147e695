// The part of an address in front of our paths, as clients reach the server: PUBLIC_URL; else the prefix that a proxy has
// taken away, relative to the request's own origin.

/** A path of one and more segments. */
const PREFIX = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~%!$&'()*+,;=:@-]+)+\/?$/

const MAX_PREFIX = 256

const withoutSlash = (text: string) => text.replace(/\/+$/, '')

/** The base that a setting PUBLIC_URL stands for, without a slash at its end. */
export const baseOfUrl = (publicUrl: string) => withoutSlash(new URL(publicUrl).href)

/** The base that an X-Forwarded-Prefix header gives; '' for none, and for what is no path. */
export function baseOfPrefix(header: string | string[] | undefined): string {
  if (typeof header !== 'string' || header.length > MAX_PREFIX || !PREFIX.test(header)) return ''
  return withoutSlash(header)
}

/** Whether the base has a path of its own, as behind a proxy that passes on a part of its paths. */
export const hasPath = (base: string) => /^(?:https?:\/\/[^/]+)?\//.test(base)

/** A Location header under the base; what is not a path of ours stays. */
export function locationUnder(base: string, location: string): string {
  return location.startsWith('/') ? base + location : location
}

/** A Link header under the base. */
export function linkUnder(base: string, link: string): string {
  return link.replaceAll('</', `<${base}/`)
}
