// Walks, maps and prunes the paths and components of a document.
import { type Components, METHODS, type Operation, type PathItem, type Paths } from './reference.ts'

/** Every operation of the paths. */
export function operations(paths: Paths): Operation[] {
  return Object.values(paths).flatMap((item) => METHODS.flatMap((method) => item[method] ?? []))
}

function mapItem(item: PathItem, map: (operation: Operation) => Operation | undefined): PathItem {
  const mapped: PathItem = item.parameters === undefined ? {} : { parameters: item.parameters }
  for (const method of METHODS) {
    const operation = item[method] && map(item[method])
    if (operation !== undefined) mapped[method] = operation
  }
  return mapped
}

/** The paths with each operation mapped; undefined leaves it out, and a path without operations. */
export function mapOperations(paths: Paths, map: (operation: Operation) => Operation | undefined): Paths {
  const items = Object.entries(paths).map(([path, item]): [string, PathItem] => [path, mapItem(item, map)])
  return Object.fromEntries(items.filter(([path, item]) => operations({ [path]: item }).length > 0))
}

const REFERENCE = /"#\/components\/([^/"]+)\/([^/"]+)"/g

/** The components that the paths use, directly or through others. */
export function usedComponents(paths: Paths, all: Components): Components {
  const used: Components = { ...all, schemas: {}, parameters: {}, headers: {}, responses: {} }
  const pending: object[] = [paths]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const [, section, name] of JSON.stringify(node).matchAll(REFERENCE)) {
      const [from, to] = [all, used].map((components) => components[section as 'schemas'])
      const component = from?.[name as string]
      if (component === undefined || to === undefined || Object.hasOwn(to, name as string)) continue
      to[name as string] = component
      pending.push(component)
    }
  }
  return used
}
