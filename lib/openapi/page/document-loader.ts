// Loads the caller's document: the operations of entities at first in brief, those of an entity whole when its group is
// opened. Runs in the browser: it travels as text.
import { briefGroups, withParts } from './document-parts.ts'
import type { Page, PageDocument } from './swagger-ui.ts'

/** The document with the token of the caller; undefined when it is refused, and signed out when the token is. */
export async function download(page: Page, query: string): Promise<PageDocument | undefined> {
  const schemes = Object.values(page.authSelectors.authorized()?.toJS() ?? {})
  const token = schemes.map((scheme) => scheme.token?.access_token ?? scheme.value).find(Boolean)
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
  const response = await fetch(`${page.specSelectors.url()}?${query}`, headers && { headers })
  if (response.status === 401) page.authActions.logout(['password', 'bearer'])
  return response.ok ? ((await response.json()) as PageDocument) : undefined
}

export function documentLoader(page: Page) {
  const FEW_ENTITIES = 5
  let index: PageDocument = { paths: {} }
  let inBrief = new Set<string>()
  const parts = new Map<string, PageDocument>()

  const show = () => page.specActions.updateJsonSpec(withParts(index, parts.values()))

  /** Loads the parts of groups that are in brief. */
  async function complete(groups: string[]): Promise<void> {
    const missing = groups.filter((group) => inBrief.has(group) && !parts.has(group))
    const loaded = await Promise.all(missing.map((group) => download(page, `entity=${group}`)))
    for (const [at, part] of loaded.entries()) if (part) parts.set(missing[at] as string, part)
    if (loaded.some(Boolean)) show()
  }

  /** Loads the document of the present caller; the groups that were whole become so again. */
  async function reload(): Promise<void> {
    const loaded = await download(page, 'brief=true')
    if (loaded === undefined) return
    const wanted = [...parts.keys()]
    index = loaded
    inBrief = briefGroups(index)
    parts.clear()
    show()
    await complete(inBrief.size <= FEW_ENTITIES ? [...inBrief] : wanted)
  }

  /** Takes over a document as text. */
  function read(text: string): void {
    index = JSON.parse(text) as PageDocument
    show()
  }

  const isClosed = (group: string) => inBrief.size > FEW_ENTITIES && inBrief.has(group)
  return { complete, reload, read, isClosed }
}
