// Puts the address that clients reach the server by into a finished document: where its paths begin, and where its Authorize
// button signs in.

const SERVERS = '"servers":[{"url":"/"}]'

const TOKEN_URLS = '"tokenUrl":"/auth/token","refreshUrl":"/auth/token"'

/** @param base goes before every path; '': the document is as it was */
export function documentUnder(base: string, text: string): string {
  if (base === '') return text
  const tokens = `${base}/auth/token`
  return text
    .replace(SERVERS, () => `"servers":${JSON.stringify([{ url: base }])}`)
    .replace(TOKEN_URLS, () => `"tokenUrl":${JSON.stringify(tokens)},"refreshUrl":${JSON.stringify(tokens)}`)
}
