// Stored row filters that follow fields to their new names. Pure.
import type { Field } from '../fields/field.ts'
import type { FilterNode, LogicNode } from '../query/ast.ts'
import { printFilters } from '../query/print-filter.ts'
import { type Permission, type StoredFilter, type StoredRule, VERBS } from './permission.ts'
import { parseRule } from './rule.ts'

/** The permission with the present names of the fields in its filters; the same object when they are called so already. */
export function withFieldNames(permission: Permission, fields: readonly Field[]): Permission {
  const names = new Map(fields.map(({ key, name }) => [key, name]))
  const rules = VERBS.map((verb) => [verb, renamed(permission[verb], names)] as const)
  if (rules.every(([verb, rule]) => rule === permission[verb])) return permission
  return { ...permission, ...Object.fromEntries(rules) }
}

/** The permission with other keys in the place of some; the same object when it names none of them. */
export function withFieldKeys(permission: Permission, keys: ReadonlyMap<string, string>): Permission {
  const { read, write } = permission.fields
  const rules = VERBS.map((verb) => permission[verb])
  const named = rules.flatMap((rule) => (typeof rule === 'boolean' ? [] : Object.values(rule.fields)))
  if (![...(read ?? []), ...(write ?? []), ...named].some((key) => keys.has(key))) return permission
  const follow = (key: string) => keys.get(key) ?? key
  const followed = VERBS.map((verb) => [verb, rekeyed(permission[verb], follow)])
  const fields = { read: read?.map(follow) ?? null, write: write?.map(follow) ?? null }
  return { ...permission, ...Object.fromEntries(followed), fields }
}

function rekeyed(rule: StoredRule, follow: (key: string) => string): StoredRule {
  if (typeof rule === 'boolean') return rule
  const fields = Object.entries(rule.fields).map(([name, key]) => [name, follow(key)])
  return { ...rule, fields: Object.fromEntries(fields) }
}

/** A filter on a field that is dropped stays as it is: it admits nobody, and its text tells why. */
function renamed(rule: StoredRule, names: ReadonlyMap<string, string>): StoredRule {
  if (typeof rule === 'boolean') return rule
  const fields = Object.entries(rule.fields)
  const isCurrent = fields.every(([name, key]) => names.get(key) === name)
  return isCurrent || fields.some(([, key]) => !names.has(key)) ? rule : renameIn(rule, names)
}

function renameIn(rule: StoredFilter, names: ReadonlyMap<string, string>): StoredFilter {
  const present = new Map(Object.entries(rule.fields).map(([name, key]) => [name, names.get(key) as string]))
  const { nodes } = parseRule(rule.filter) as LogicNode
  const filter = printFilters(nodes.map((node) => renameNode(node, present)))
  const keys = Object.entries(rule.fields).map(([name, key]) => [present.get(name) as string, key])
  return { filter, fields: Object.fromEntries(keys) }
}

function renameNode(node: FilterNode, present: ReadonlyMap<string, string>): FilterNode {
  if (node.kind === 'unknown') return node
  if (node.kind !== 'condition') return { ...node, nodes: node.nodes.map((one) => renameNode(one, present)) }
  const { field } = node
  return { ...node, field: { ...field, name: present.get(field.name) ?? field.name } }
}
