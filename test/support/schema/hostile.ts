// Definitions that are made to take long to refuse.
import { name, string, withField } from './define.ts'

export function hostileDefinitions() {
  const unknown = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`k${at}`, 1]))
  const members = Array.from({ length: 400 }, (_, at) => ({ name: `m${at}`, ...string }))
  const objects = Array.from({ length: 100 }, (_, at) => ({
    name: `o${at}`,
    type: 'object',
    fields: members,
  }))
  return {
    list: { entity_name: 'a', fields: Array(300_000).fill(1) },
    unknown: { entity_name: 'a', fields: [], ...unknown },
    unknownOfField: withField({ ...name, ...string, ...unknown }),
    objects: { entity_name: 'a', fields: objects },
    unique: { entity_name: 'a', fields: [], unique: Array(100_000).fill(['a']) },
  }
}
