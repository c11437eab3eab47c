import { spawnSync } from 'node:child_process'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { scratchFolder } from './logs.ts'
import { startServer, type TestServer } from './server.ts'

/** The library that lies about the time, as the command that brings it names it. */
const library = spawnSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).stdout?.trim()

/** Options for a test that sets a clock: where that cannot be done it is skipped, unless everything must run. */
export const needsClock = {
  skip: library || process.env.CI === 'true' ? (false as const) : 'faketime is not installed'
}

/**
 * A machine's clock for the servers that are started by it: set while they run, as somebody would set the machine's. The
 * monotonic clock goes on as it does, and so does the kernel's own time, which files are stamped with.
 */
export class Clock {
  readonly #file: string

  constructor(t: Test) {
    this.#file = join(scratchFolder(t), 'clock')
    this.set(0)
  }

  /** So many seconds ahead of the true time, or behind it; from now on. */
  set(seconds: number): void {
    // In one step: it is read at each look at the clock, and half a line would be no time.
    writeFileSync(`${this.#file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`)
    renameSync(`${this.#file}.new`, this.#file)
  }

  async startServer(t: Test, dataDir: string): Promise<TestServer> {
    const server = await startServer(t, dataDir, {
      LD_PRELOAD: library!,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1'
    })
    void server.exit.then(() => {
      // One that is killed leaves these, and the next process with its number would not start.
      for (const kind of ['faketime_shm', 'sem.faketime_sem'])
        rmSync(`/dev/shm/${kind}_${server.process.pid}`, { force: true })
    })
    return server
  }
}
