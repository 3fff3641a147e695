// What a file is: decided from its first bytes, never from its name. The client's word counts between kinds of plain
// text alone (see text-type.ts). Unknown content is application/octet-stream.
import { fileTypeFromBuffer } from 'file-type'
import { type Claim, decodeText, textType } from './text-type.ts'

/** First bytes that are looked at: office documents name themselves in the first entries of a zip. */
export const HEAD_BYTES = 64 * 1024

const UNKNOWN = 'application/octet-stream'

/** Formats that may be text from end to end. Any other magic number in a text is chance ("BMW", "MZ", "Obj"). */
const TEXTUAL = new Set([
  'application/pdf',
  'application/rtf',
  'application/postscript',
  'application/eps',
  'application/pgp-encrypted',
  'text/calendar',
  'text/vcard',
  'text/vtt',
])

const GIF = /^GIF8[79]a/

async function detect(head: Uint8Array): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(head))?.mime.split(';', 1)[0]
  } catch {
    // The bytes break off inside a structure, or only pretend to be one.
    return undefined
  }
}

/**
 * @param head the first HEAD_BYTES bytes, or all
 * @param complete whether that is the whole file
 */
export async function sniffContentType(head: Uint8Array, complete: boolean, claim: Claim): Promise<string> {
  const detected = await detect(head)
  const text = decodeText(head, complete)
  if (text === undefined) return detected ?? UNKNOWN
  if (detected !== undefined && (TEXTUAL.has(detected) || (detected === 'image/gif' && GIF.test(text))))
    return detected
  return textType(text, complete, claim)
}
