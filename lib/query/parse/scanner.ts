// Parse: a cursor over a piece of query text, with the moves that the grammar needs. A refusal names the text and the
// position.
import { errors } from '../../errors.ts'

// Wider than the names of fields: a wrong name is refused as unknown, and an alias may be any word.
const name = /(?:[\p{L}\p{N}_$]|-(?!>))+/uy

const spaces = /\s*/y

const quotedText = /"(?:[^"\\]|\\[\s\S])*"/y

export class Scanner {
  readonly text: string
  private readonly what: string
  at = 0

  /** @param what names the text in a refusal, e.g. `order` */
  constructor(text: string, what: string) {
    this.text = text
    this.what = what
  }

  get done(): boolean {
    return this.at >= this.text.length
  }

  peek(token: string): boolean {
    return this.text.startsWith(token, this.at)
  }

  /** Moves past `token` when it comes next. */
  take(token: string): boolean {
    if (!this.peek(token)) return false
    this.at += token.length
    return true
  }

  expect(token: string): void {
    if (!this.take(token)) this.fail(`"${token}"`)
  }

  skipSpaces(): void {
    this.match(spaces)
  }

  /** The text that a sticky pattern matches here, or undefined. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }

  /** A name, bare or in double quotes. */
  name(): string {
    if (this.peek('"')) return this.quoted()
    return this.match(name) ?? this.fail('a name')
  }

  /** A text in double quotes, in which `\` takes the next character as it is. */
  quoted(): string {
    return this.tryQuoted() ?? this.fail('a closing quote')
  }

  /** As `quoted`, but undefined and unmoved when there is none or it does not end. */
  tryQuoted(): string | undefined {
    return this.match(quotedText)
      ?.slice(1, -1)
      .replaceAll(/\\([\s\S])/g, '$1')
  }

  fail(expected: string, hint?: string): never {
    const rest = this.done ? 'it ends' : `it goes on with "${this.text.slice(this.at, this.at + 40)}"`
    throw errors.malformedQuery(
      `${this.what}: expected ${expected} at position ${this.at + 1}, but ${rest}.`,
      hint,
    )
  }
}
