// References of a document replaced by what they point to, in place of Swagger UI's resolver, which reads the whole document for
// each part that is shown. Runs in the browser: these functions travel as text and use only each other.

type Json = Record<string, unknown>

/** The component that a reference such as `#/components/schemas/student` points to. */
export function referredTo(document: object, reference: string): unknown {
  const keys = reference.slice(2).split('/')
  return keys.reduce<unknown>(
    (node, key) => Object(node)[key.replaceAll('~1', '/').replaceAll('~0', '~')],
    document,
  )
}

/** A copy without references; those that lead back to where they are stay. */
export function dereferenced(document: object, node: unknown, within: readonly string[] = []): unknown {
  if (Array.isArray(node)) return node.map((one) => dereferenced(document, one, within))
  if (typeof node !== 'object' || node === null) return node
  const { $ref } = node as Json
  if (typeof $ref === 'string' && $ref.startsWith('#/')) {
    if (within.includes($ref)) return node
    return dereferenced(document, referredTo(document, $ref), [...within, $ref])
  }
  const entries = Object.entries(node).map(([key, one]) => [key, dereferenced(document, one, within)])
  return Object.fromEntries(entries)
}

/** As Swagger UI's function: the part at a path, an operation with the parameters that its path shares. */
export async function resolveSubtree(document: object, path: readonly string[]) {
  const at = (keys: readonly string[]) => keys.reduce<unknown>((node, key) => Object(node)[key], document)
  const part = at(path) as Json | undefined
  if (path[0] !== 'paths' || path.length !== 3 || part === undefined)
    return { spec: dereferenced(document, part) ?? null, errors: [] }
  const { parameters: shared = [] } = at(path.slice(0, 2)) as { parameters?: object[] }
  const { parameters = [] } = part as { parameters?: object[] }
  return { spec: dereferenced(document, { ...part, parameters: [...parameters, ...shared] }), errors: [] }
}
