// A module hook: openapi-typescript needs TypeScript's JavaScript API, which TypeScript 7 has no more. tap brings an older one.
import type { ResolveHook } from 'node:module'

export const resolve: ResolveHook = async (specifier, context, next) => {
  if (specifier !== 'typescript') return next(specifier, context)
  const tap = await next('@tapjs/test', context)
  return next(specifier, { ...context, parentURL: tap.url })
}
