// The imports between the project's own files, and the rules of layers that they break.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** The files that each file imports, by their paths from the top of the project. */
export type Imports = ReadonlyMap<string, readonly string[]>

/** Reads the imports of every TypeScript file below the folders and of the files given. */
export function readImports(folders: readonly string[], files: readonly string[]): Imports {
  const below = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  )
  const sources = [...below, ...files].filter((path) => path.endsWith('.ts'))
  return new Map(sources.map((path) => [path, importsOf(path, readFileSync(path, 'utf8'))]))
}

/** Static imports, re-exports and `import()` of relative paths in a source text. */
export function importsOf(path: string, source: string): string[] {
  const specifiers = source.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)'(\.{1,2}\/[^']+\.ts)'/g)
  return [...specifiers].map(([, specifier = '']) => normalize(join(dirname(path), specifier)))
}

/** The room of a file: its folder below lib, or the top-level folder or file that it is or is in. */
export function roomOf(path: string): string {
  const [top = '', second = ''] = path.split('/')
  return (top === 'lib' ? second : top).replace(/\.ts$/, '')
}

/**
 * Imports that do not lead to a lower layer.
 *
 * @param layers the rooms of each layer, from the bottom to the top; rooms of one layer do not import each other
 * @returns each as "a.ts imports b.ts"; a room that no layer has is one too
 */
export function upwardImports(imports: Imports, layers: readonly (readonly string[])[]): string[] {
  const level = new Map(layers.flatMap((rooms, at) => rooms.map((room) => [room, at] as const)))
  return [...imports].flatMap(([from, targets]) => {
    const own = level.get(roomOf(from))
    if (own === undefined) return [`${from} is in no layer`]
    const wrong = targets.filter(
      (to) => roomOf(to) !== roomOf(from) && (level.get(roomOf(to)) ?? Number.POSITIVE_INFINITY) >= own,
    )
    return wrong.map((to) => `${from} imports ${to}`)
  })
}

/** Circles of files that import each other, each as "a.ts -> b.ts -> a.ts". */
export function importCircles(imports: Imports): string[] {
  const circles: string[] = []
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at !== -1) circles.push([...trail.slice(at), path].join(' -> '))
    if (at !== -1 || done.has(path)) return
    for (const target of imports.get(path) ?? []) walk(target, [...trail, path])
    done.add(path)
  }
  for (const path of imports.keys()) walk(path, [])
  return circles
}

/** Calls of a database handle; what only builds a statement makes none. */
const DATABASE_CALL =
  /\b#?(?:db|tx|pool|client|directory)\s*\.\s*(?:query|read|write|stream|transaction)\s*[(<]/

/** Whether a source text sends statements to the database. */
export function touchesDatabase(source: string): boolean {
  return DATABASE_CALL.test(source) || /\bfrom 'pg'/.test(source)
}
