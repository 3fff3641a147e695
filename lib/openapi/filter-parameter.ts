// A query parameter that filters: it may be given several times, and each of its conditions must hold.

/** How a parameter is written that may be given several times. */
export const REPEATED = {
  style: 'form',
  explode: true,
  schema: { type: 'array', items: { type: 'string' } },
}

/** The filters on one column. @param example an operator and a value */
export function filterParameter(name: string, operators: readonly string[], example: string) {
  const description = `Operators: ${operators.join(' ')}. Example: \`${example}\``
  return { name, in: 'query', description, ...REPEATED, example: [example] }
}
