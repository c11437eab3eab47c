/**
 * Whether a name such as `reports/may.pdf` is one that a pattern means. `*` stands for any part of a file's or folder's
 * name, and `**` for any folders, or none. All else is text: what people call files is full of brackets and dots.
 *
 * Of several stars only the last is ever tried again further on, so no pattern takes long: translated to a regular
 * expression, a dozen stars and an unlucky name could keep the server for hours.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  const folders = pattern.split('/')
  if (folders.at(-1) === ANY_FOLDERS) folders.push('*')
  return matches(folders, name.split('/'), ANY_FOLDERS, matchesPart)
}

const ANY_FOLDERS = '**'

function matchesPart(pattern: string, part: string): boolean {
  return matches([...pattern], [...part], '*', Object.is)
}

/** Whether `items` fit `pattern` one by one, where each `star` in it stands for any number of them. */
function matches(
  pattern: string[],
  items: string[],
  star: string,
  fits: (wanted: string, item: string) => boolean
): boolean {
  let at = 0
  let wanted = 0
  /** The last star, and the first of the items that it does not stand for yet. */
  let last: { wanted: number; at: number } | null = null
  while (at < items.length) {
    if (pattern[wanted] === star) {
      last = { wanted, at }
      wanted++
    } else if (wanted < pattern.length && fits(pattern[wanted]!, items[at]!)) {
      wanted++
      at++
    } else if (last) {
      last.at++
      at = last.at
      wanted = last.wanted + 1
    } else return false
  }
  return pattern.slice(wanted).every(rest => rest === star)
}
