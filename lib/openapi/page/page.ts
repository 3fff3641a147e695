// The documentation page: Swagger UI with a plugin, the script of which the plugin is a part, and a style.
import { documentLoader, download } from './document-loader.ts'
import { briefGroups, withoutFilterExamples, withParts } from './document-parts.ts'
import { also, followCaller } from './follow-caller.ts'
import { dereferenced, referredTo, resolveSubtree } from './resolve-subtree.ts'

export { PAGE_STYLE } from './style.ts'

/** The plugin, as Swagger UI's configuration takes it: it calls the functions of the script. */
const PAGE_PLUGINS = [followCaller]

const FUNCTIONS = [
  ...[documentLoader, download, briefGroups, withoutFilterExamples, withParts],
  ...[also, dereferenced, referredTo, resolveSubtree],
]

/** The functions that the plugin calls, as global ones. */
export const PAGE_SCRIPT = FUNCTIONS.map(String).join('\n')

/** Everything the page may load or run is our own file. */
export const PAGE_POLICY = {
  'default-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
  'img-src': "'self' data:",
  'object-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
}

/** Swagger UI's own settings. */
export const PAGE = {
  layout: 'BaseLayout',
  plugins: PAGE_PLUGINS,
  defaultModelExpandDepth: 3,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
}
