/** An instant as an `<input type="datetime-local">` writes it: the reader's own clock, to the minute. */
export function toLocalInput(at: number | undefined): string {
  if (at === undefined) return ''
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}

/** The instant that such text names; undefined for an empty one. */
export function fromLocalInput(text: string): number | undefined {
  const at = new Date(text).getTime()
  return Number.isNaN(at) ? undefined : at
}
