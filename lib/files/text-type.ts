// The media type of a text, by its first characters: HTML, SVG and XML are distinguished from plain text, the only kind that
// browsers display.
import { extname } from 'node:path'

/** What the client says about a file; believed only where it can do no harm. */
export interface Claim {
  filename: string
  contentType: string
}

const HTML =
  /^<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|meta|link|img|form)[\s/>]/i

const SVG = /<(?:[\w.-]{1,40}:)?svg[\s/>]/i

const XML = /^<(?:\?xml\s|!doctype\s)/i

/** Kinds of plain text that only their name or the client can tell apart; none of them is shown or run by a browser. */
const REFINEMENTS: Readonly<Record<string, readonly string[]>> = {
  'text/csv': ['.csv'],
  'text/tab-separated-values': ['.tsv'],
  'text/markdown': ['.md', '.markdown'],
  'text/calendar': ['.ics'],
  'text/vcard': ['.vcf'],
  'application/json': ['.json', '.geojson'],
  'application/x-ndjson': ['.ndjson', '.jsonl'],
  'application/yaml': ['.yaml', '.yml'],
}

function isJson(text: string, complete: boolean): boolean {
  if (!complete) return /^\s*[[{]/.test(text)
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function refine({ filename, contentType }: Claim): string {
  if (Object.hasOwn(REFINEMENTS, contentType)) return contentType
  const extension = extname(filename).toLowerCase()
  const byName = Object.entries(REFINEMENTS).find(([, extensions]) => extensions.includes(extension))
  return byName?.[0] ?? 'text/plain'
}

/** The media type of a text, from its beginning and, between kinds of plain text, from the claim. */
export function textType(text: string, complete: boolean, claim: Claim): string {
  const start = text.trimStart()
  if (HTML.test(start)) return 'text/html'
  if (start.startsWith('<') && SVG.test(start)) return 'image/svg+xml'
  if (XML.test(start)) return 'application/xml'
  const refined = refine(claim)
  return refined === 'application/json' && !isJson(text, complete) ? 'text/plain' : refined
}
