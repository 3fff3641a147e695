// Metrics as text on their way to Prometheus, and how the texts of several workers become one.
// https://prometheus.io/docs/instrumenting/exposition_formats/

/** The content type of the text. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** One text of several: each family once, with the samples of all. Their labels tell the workers apart. */
export function mergeTexts(texts: readonly string[]): string {
  const families = new Map<string, { head: string; samples: string[] }>()
  for (const block of texts.flatMap((text) => text.trimEnd().split('\n\n'))) {
    const [help = '', type = '', ...samples] = block.split('\n')
    const name = help.split(' ', 3)[2] ?? ''
    const known = families.get(name)
    if (known === undefined) families.set(name, { head: `${help}\n${type}`, samples })
    else known.samples.push(...samples)
  }
  const blocks = [...families.values()].map(({ head, samples }) => [head, ...samples].join('\n'))
  return `${blocks.join('\n\n')}\n`
}
