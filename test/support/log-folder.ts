import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { LogLines } from '../../src/logs/log-lines.ts'
import { Logs } from '../../src/logs/logs.ts'
import type { LogPage } from '../../src/logs/schemas.ts'
import { TEST_SEAL } from './live-log.ts'

export const LINE_LIMIT = 16 * 1024

export type ExpectedLine = Omit<LogPage['items'][number], 'at'>

/** The lines of a log by the plainest means. */
export function naiveLines(log: Buffer): ExpectedLine[] {
  const lines: ExpectedLine[] = []
  for (let offset = 0; offset < log.length; ) {
    const lineBreak = log.indexOf(10, offset)
    const next = lineBreak < 0 ? log.length : lineBreak + 1
    let end = lineBreak < 0 ? log.length : lineBreak
    if (lineBreak > offset && log[lineBreak - 1] === 13) end--
    const truncated = end - offset > LINE_LIMIT
    // A character that is cut in two by the limit is left out.
    const shown = log.subarray(offset, truncated ? offset + LINE_LIMIT : end)
    const text = truncated ? new TextDecoder().decode(shown, { stream: true }) : shown.toString()
    lines.push({ line: lines.length + 1, offset, text, truncated })
    offset = next
  }
  return lines
}

/** Logs of one attempt that has ended, whose folder the test writes. */
export function folderOfLog(t: Test) {
  return logIn(t.testdir({ attempt: {} }))
}

/** The same of the attempt in the folder `attempt` of this one. */
export function logIn(attempts: string) {
  const folder = join(attempts, 'attempt')
  const source = { attempts: async () => [{ id: 'attempt', number: 1, ended: true }], liveLog: () => null }
  const openLogs = () => new Logs(source, attempts, TEST_SEAL)
  /** Opens the log, and closes it when `use` is done with its lines. */
  const withLines = async <T>(use: (lines: LogLines) => T | Promise<T>): Promise<T> => {
    const log = (await openLogs().open('it'))!
    const unfollow = log.follow(() => {})
    try {
      return await use(await log.lines())
    } finally {
      unfollow()
    }
  }
  return {
    folder,
    log: join(folder, 'log'),
    index: join(folder, 'index'),
    openLogs,
    withLines,
    /** What a server reads that has just been started. */
    lines: (first: number, count: number) =>
      withLines(async lines => ({ items: await lines.page(first, count), count: lines.count, end: lines.end }))
  }
}

/** What this process has read from files and sockets so far. */
export const bytesRead = () => Number(/^rchar: (\d+)/m.exec(readFileSync('/proc/self/io', 'latin1'))![1])
