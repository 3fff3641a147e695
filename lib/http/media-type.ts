// Parses a Content-Type header (RFC 9110, 8.3): the media type and its parameters.

export interface ContentType {
  /** In lower case, without parameters. */
  type: string
  /** By their names in lower case; of two of one name the first counts. */
  parameters: ReadonlyMap<string, string>
}

/** Of quoted pairs only those that need be: `"\t"` and `"\N"` are meant as they are written. */
const QUOTED_PAIR = /\\(["\\])/g

const PARAMETER = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\[\s\S])*)"|([^;]*))/g

/** Parses the header; what is no parameter is passed over. */
export function parseContentType(header: string): ContentType {
  const parameters = new Map<string, string>()
  for (const [, name = '', quoted, bare = ''] of header.matchAll(PARAMETER)) {
    const value = quoted === undefined ? bare.trim() : quoted.replaceAll(QUOTED_PAIR, '$1')
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value)
  }
  return { type: header.split(';', 1)[0]?.trim().toLowerCase() ?? '', parameters }
}
