// The documentation page beyond what Swagger UI does by itself: signing in or out loads the document of whoever that is, and
// so does a change of the schemas. These functions run in the browser: they travel as text and use nothing from outside.

interface Immutable {
  toJS(): Record<string, { token?: { access_token?: string }; value?: string }>
}

/** What is used of Swagger UI's plugin system. */
interface Page {
  authSelectors: { authorized(): Immutable | undefined }
  authActions: { logout(names: string[]): void }
  specActions: { updateSpec(text: string): void }
  specSelectors: { url(): string; specJson(): { get(key: string): { size: number } | undefined } }
}

declare const document: { getElementById(id: string): { focus(): void } | null }

type Action = (...args: unknown[]) => unknown

type IsShown = (thing: string[], byDefault: boolean) => boolean

/** A plugin of Swagger UI. */
export function followCaller(page: Page) {
  const MANY_GROUPS = 20

  async function reload(): Promise<void> {
    const schemes = Object.values(page.authSelectors.authorized()?.toJS() ?? {})
    const token = schemes.map((scheme) => scheme.token?.access_token ?? scheme.value).find(Boolean)
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
    const response = await fetch(page.specSelectors.url(), headers && { headers })
    if (response.ok) page.specActions.updateSpec(await response.text())
    else if (response.status === 401) page.authActions.logout(['password', 'bearer'])
  }

  /** Lets the action happen, then asks for the document anew. */
  const thenReload =
    (original: Action): Action =>
    (...args) => {
      const result = original(...args)
      reload()
      return result
    }

  /** Swagger UI would put the cursor into the last field of the dialog. */
  const focusOnName =
    (original: Action): Action =>
    (...args) => {
      setTimeout(() => document.getElementById('oauth_username')?.focus(), 50)
      return original(...args)
    }

  const afterSchemaChange =
    (original: Action): Action =>
    (...args) => {
      const [path, method, response] = args as [string, string, { ok?: boolean }]
      if (response.ok && method !== 'get' && path.startsWith('/schemas')) reload()
      return original(...args)
    }

  /** With many entities only their names are shown at first. */
  const isShown = (original: IsShown) => (_state: unknown, thing: string[], byDefault: boolean) => {
    const groups = page.specSelectors.specJson().get('tags')?.size ?? 0
    const open = byDefault && (thing[0] !== 'operations-tag' || groups <= MANY_GROUPS)
    return original(thing, open)
  }

  const signedInOrOut = { authorizeOauth2: thenReload, authorize: thenReload, logout: thenReload }
  return {
    statePlugins: {
      auth: { wrapActions: { ...signedInOrOut, showDefinitions: focusOnName } },
      spec: { wrapActions: { setResponse: afterSchemaChange } },
      layout: { wrapSelectors: { isShown } },
    },
  }
}

/**
 * Takes away what has no meaning here: the choice of servers, client credentials beside name and password, and below each
 * refusal the same example of a problem.
 */
export const PAGE_STYLE = `
.swagger-ui .schemes-server-container { visibility: hidden; }
.swagger-ui .auth-container .scope-def,
.swagger-ui .auth-container .wrapper:has(
  > label:is([for="password_type"], [for="client_id_password"], [for="client_secret_password"])
),
.swagger-ui .responses-table:not(.live-responses-table) .response:is([data-code^="4"], [data-code^="5"], [data-code="default"])
  :is(.response-controls, .model-example, .headers-wrapper) {
  display: none;
}
`
