// The Link header of a list (RFC 8288): where its next page is.

/** `<path?query&cursor=..>; rel="next"`: the request's own URL, going on from the cursor. */
export function nextLink(url: string, cursor: string): string {
  const [path = '/', search = ''] = url.split('?', 2)
  const kept = search.split('&').filter((pair) => pair !== '' && !/^(cursor|offset)=/.test(pair))
  return `<${path}?${[...kept, `cursor=${cursor}`].join('&')}>; rel="next"`
}
