// Converts orders of other query languages, `-name`, `name:desc`, `name desc`, to this grammar.

const TERM = /^([-+]?)\s*([^\s:]+?)(?:[\s:.]+(asc|desc|ascending|descending|1|-1))?$/i

const LONGEST = 200

/** `order=name.desc`; undefined for a text that is no list of fields. `direction` is given beside the text. */
export function orderSpelling(text: string, direction = ''): string | undefined {
  const terms = text
    .slice(0, LONGEST)
    .split(/[;,]/)
    .map((term) => term.trim())
  const spelled = joinDirections(terms).map((term) => spellTerm(term, direction))
  return spelled.some((term) => term === undefined) ? undefined : `order=${spelled.join(',')}`
}

/** `name,desc` is one term. */
function joinDirections(terms: readonly string[]): string[] {
  const [name, direction = ''] = terms
  return terms.length === 2 && /^(?:asc|desc)$/i.test(direction) ? [`${name} ${direction}`] : [...terms]
}

function spellTerm(term: string, direction: string): string | undefined {
  const [, sign, name, word = direction] = TERM.exec(term) ?? []
  if (name === undefined) return undefined
  return sign === '-' || /^(?:desc|-1$)/i.test(word)
    ? `${encodeURIComponent(name)}.desc`
    : encodeURIComponent(name)
}
