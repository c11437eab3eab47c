/** A bash command that prints a line with the time in microseconds; bash reads the clock itself, so nothing is started. */
export const PRINT_TIME = `echo "t=\${EPOCHREALTIME/[.,]/}"`

/** Takes what arrives, whole lines or not, and notes how many milliseconds old each printed time in it is. */
export function ages(clock: () => number, found: (age: number) => void): (chunk: Uint8Array) => void {
  let rest = ''
  return chunk => {
    const now = clock()
    const text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1')
    const end = text.lastIndexOf('\n') + 1
    for (const [, time] of text.slice(0, end).matchAll(/t=(\d+)/g)) found(now - Number(time) / 1000)
    rest = text.slice(end)
  }
}
