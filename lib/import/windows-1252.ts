// Decodes windows-1252, which is also what `iso-8859-1` means on the web. Some versions of Node decode the bytes 80 to 9F as
// control characters (https://github.com/nodejs/node/issues/56542), so they are put right here.
// https://encoding.spec.whatwg.org/index-windows-1252.txt

/** The characters of the bytes 80 to 9F; five bytes have none and stay control characters. */
const C1 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

/** The text of the bytes; every byte is a character. */
export function decodeWindows1252(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (control) => C1.charAt(control.charCodeAt(0) - 0x80))
}
