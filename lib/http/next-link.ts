// The Link header of a list (RFC 8288), with the URL of its next page.

/** `<path?query&cursor=..>; rel="next"`: the request's own URL, going on from there. */
export function nextLink(url: string, parameter: 'cursor' | 'offset', value: string | number): string {
  const at = url.includes('?') ? url.indexOf('?') : url.length
  const path = url.slice(0, at)
  const kept = url
    .slice(at + 1)
    .replaceAll('<', '%3C')
    .replaceAll('>', '%3E')
    .split('&')
    .filter((pair) => pair !== '' && !/^(cursor|offset)=/.test(pair))
  return `<${path}?${[...kept, `${parameter}=${value}`].join('&')}>; rel="next"`
}
