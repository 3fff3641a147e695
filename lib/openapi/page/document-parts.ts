// Documents of the page put together. Runs in the browser: these functions travel as text and use only each other.
import type { PageDocument } from './swagger-ui.ts'

/** The groups whose operations are in brief: without responses. */
export function briefGroups({ paths }: PageDocument): Set<string> {
  const operations = Object.values(paths).map(({ get, post }) => get ?? post)
  const brief = operations.filter((operation) => operation !== undefined && operation.responses === undefined)
  return new Set(brief.flatMap((operation) => operation?.tags ?? []))
}

/** The index with the operations and components of the parts in place of those in brief. */
export function withParts(index: PageDocument, parts: Iterable<PageDocument>): PageDocument {
  const paths = { ...index.paths }
  const components = { ...index.components }
  for (const part of parts) {
    Object.assign(paths, part.paths)
    for (const [section, added] of Object.entries(part.components ?? {}))
      components[section] = { ...components[section], ...added }
  }
  components.parameters = withoutFilterExamples(components.parameters ?? {})
  return { ...index, paths, components }
}

/** Swagger UI fills in examples: with those of all filters a list would be empty. */
export function withoutFilterExamples(parameters: NonNullable<PageDocument['components']>[string]) {
  const entries = Object.entries(parameters).map(([name, parameter]) => {
    const { example: _, ...rest } = parameter
    const isFilter = ['array', 'object'].includes(parameter.schema?.type ?? '')
    return [name, isFilter ? rest : parameter]
  })
  return Object.fromEntries(entries)
}
