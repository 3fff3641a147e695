// Folds the case of a text, for `"unique": "ci"` and for user names. Accents count: only letters that differ in case alone
// are equal.

/** Equal for two texts that differ in case, or in how Unicode composes their letters, and for no others. */
export function caseless(text: string): string {
  // By way of the capital letters, as full case folding does: ß and SS are equal. ẞ is a capital whose own one it is.
  return text.normalize('NFC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC').replaceAll('ς', 'σ')
}
