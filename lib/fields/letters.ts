// Letters that Unicode does not decompose, with the plain letters that people write for them: letters with a stroke or a
// hook, and ligatures. Lower case; any other letter folds to itself.

const PLAIN: Readonly<Record<string, string>> = {
  a: '\u2c65\u0251',
  b: '\u0180\u0253\u0183',
  c: '\u0188\u023c',
  d: '\u0111\u00f0\u0256\u0257\u018c\u0221',
  e: '\u0247',
  f: '\u0192',
  g: '\u01e5\u0260',
  h: '\u0127\u2c68',
  i: '\u0131\u0268',
  j: '\u0249\u0237',
  k: '\u0199\u0138\u2c6a',
  l: '\u0142\u019a\u026b\u2c61\u0234',
  n: '\u014b\u0272\u019e\u0235',
  o: '\u00f8\u0275\u2c7a',
  p: '\u01a5\u1d7d',
  q: '\u024b',
  r: '\u024d\u027d',
  s: '\u017f\u023f\u0282',
  t: '\u0167\u01ad\u0288\u2c66\u0236',
  u: '\u0289',
  v: '\u028b',
  w: '\u2c73',
  y: '\u01b4\u024f',
  z: '\u01b6\u0225\u0240\u2c6c',
  ae: '\u00e6',
  oe: '\u0153',
  ss: '\u00df\u1e9e',
  th: '\u00fe',
}

const BY_LETTER = new Map(
  Object.entries(PLAIN).flatMap(([plain, letters]) => [...letters].map((letter) => [letter, plain] as const)),
)

const LETTERS = new RegExp(`[${[...BY_LETTER.keys()].join('')}]`, 'gu')

/** A lower-case text with plain letters in place of these. */
export function plainLetters(text: string): string {
  return text.replace(LETTERS, (letter) => BY_LETTER.get(letter) ?? letter)
}
