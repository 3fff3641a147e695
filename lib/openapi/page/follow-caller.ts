// The plugin of Swagger UI: signing in or out loads the document of the present caller, and so does a change of the schemas;
// opening a group loads its operations. Runs in the browser: it travels as text.
import { documentLoader } from './document-loader.ts'
import { resolveSubtree } from './resolve-subtree.ts'
import type { Action, Page } from './swagger-ui.ts'

declare const document: { getElementById(id: string): { focus(): void } | null }

type IsShown = (thing: string[], byDefault: boolean) => boolean

/** Wraps an action in one that does something else, too. */
export function also(work: (...args: unknown[]) => unknown) {
  return (original: Action): Action =>
    (...args) => {
      const result = original(...args)
      work(...args)
      return result
    }
}

export function followCaller(page: Page) {
  const MANY_GROUPS = 20
  const loader = documentLoader(page)
  const thenReload = also(loader.reload)

  /** Swagger UI would put the cursor into the last field of the dialog. */
  const focusOnName = also(() => setTimeout(() => document.getElementById('oauth_username')?.focus(), 50))

  const afterSchemaChange = also((path, method, response) => {
    const { ok } = response as { ok?: boolean }
    if (ok && method !== 'get' && String(path).startsWith('/schemas')) loader.reload()
  })

  const completeOpened = also((thing, isOpen) => {
    const [kind, group = ''] = thing as string[]
    if (kind === 'operations-tag' && isOpen) loader.complete([group])
  })

  /** The original reads JSON as YAML, which takes long. */
  const readDocument = () => (text: unknown) => loader.read(String(text))

  /** Of many entities only the names are shown at first. */
  const isShown = (original: IsShown) => (_state: unknown, thing: string[], byDefault: boolean) => {
    const [kind, group = ''] = thing
    const isMany = (page.specSelectors.specJson().get('tags')?.size ?? 0) > MANY_GROUPS
    const isClosed = kind === 'operations-tag' && (isMany || loader.isClosed(group))
    return original(thing, byDefault && !isClosed)
  }

  const signedInOrOut = { authorizeOauth2: thenReload, authorize: thenReload, logout: thenReload }
  return {
    fn: { resolveSubtree },
    statePlugins: {
      auth: { wrapActions: { ...signedInOrOut, showDefinitions: focusOnName } },
      spec: { wrapActions: { setResponse: afterSchemaChange, parseToJson: readDocument } },
      layout: { wrapActions: { show: completeOpened }, wrapSelectors: { isShown } },
    },
  }
}
