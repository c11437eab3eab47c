/** A text as one word of a shell's line, whatever is in it: in single quotes a shell reads nothing but the quote. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
