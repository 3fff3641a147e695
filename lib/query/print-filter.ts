// The text of a filter in the query grammar, from its parsed form: parseQuery reads it back as the same. For filters that
// are stored as text and whose fields are renamed.
import type { ConditionNode, FieldPath, FilterNode, JsonStep } from './ast.ts'

/** What needs no quotes inside `or=(..)`, `in.(..)`, or after an arrow. */
const BARE = /^[\p{L}\p{N}_$*%:.@/+-]+$/u

const BARE_KEY = /^\p{L}[\p{L}\p{N}_]*$/u

/** The characters that a query string does not hold as they are. */
const CODED = /[%&#+\s]/gu

/** `a=eq.1&or=(b.gt.2,c.is.null)`: the nodes that all must hold, as parameters. */
export function printFilters(nodes: readonly FilterNode[]): string {
  return nodes.map(printParameter).join('&')
}

function printParameter(node: FilterNode): string {
  if (node.kind === 'unknown') throw new Error('no text stands for an unknown condition')
  if (node.kind !== 'condition') return `${logicWord(node)}=${encode(printNodes(node.nodes))}`
  return `${encode(printPath(node.field)).replaceAll('=', '%3D')}=${encode(printOperation(node, false))}`
}

const encode = (text: string) => text.replace(CODED, encodeURIComponent)

const logicWord = ({ kind, negated }: { kind: string; negated: boolean }) => (negated ? `not.${kind}` : kind)

function printNodes(nodes: readonly FilterNode[]): string {
  return `(${nodes.map(printInner).join(',')})`
}

function printInner(node: FilterNode): string {
  if (node.kind === 'unknown') throw new Error('no text stands for an unknown condition')
  if (node.kind !== 'condition') return `${logicWord(node)}${printNodes(node.nodes)}`
  return `${printPath(node.field)}.${printOperation(node, true)}`
}

function printPath({ name, path, text }: FieldPath): string {
  const steps = path.map((step, at) => `${text && at === path.length - 1 ? '->>' : '->'}${printStep(step)}`)
  return [BARE_KEY.test(name) ? name : quote(name), ...steps].join('')
}

function printStep(step: JsonStep): string {
  return typeof step === 'number' ? String(step) : BARE_KEY.test(step) ? step : quote(step)
}

/** `not.gt(any).{1,2}`; inside a tree a value ends at a comma, so there it may need quotes. */
function printOperation({ negated, operator, quantifier, value }: ConditionNode, inTree: boolean): string {
  const word = `${negated ? 'not.' : ''}${operator}${quantifier === undefined ? '' : `(${quantifier})`}`
  if (quantifier !== undefined) return `${word}.{${[value].flat().map(quote).join(',')}}`
  if (typeof value !== 'string') return `${word}.(${value.map(bareOrQuoted).join(',')})`
  return `${word}.${inTree ? bareOrQuoted(value) : value}`
}

const bareOrQuoted = (text: string) => (BARE.test(text) ? text : quote(text))

const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`
