import { spawn } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AttemptDirectory } from '../attempts/attempt-directory.ts'
import type { Launcher } from '../attempts/launcher.ts'
import { openResults, resultsFolder } from '../attempts/results.ts'

/**
 * The folders of attempts, by the ids of these. `du` and `rm` look at them and remove them beside the server, as bots have
 * filled them as they liked: a million files, a thousand folders in each other, names that are no text.
 */
export class AttemptFolders {
  readonly path: string
  readonly #launcher: Pick<Launcher, 'ask'>

  /** `launcher`: who may become the users of bots. */
  constructor(path: string, launcher: Pick<Launcher, 'ask'>) {
    this.path = path
    this.#launcher = launcher
  }

  of(attemptId: string): string {
    return join(this.path, attemptId)
  }

  /** When something was last made or removed in it, in milliseconds; null when it is not there. */
  async changedAt(attemptId: string): Promise<number | null> {
    try {
      return (await lstat(this.of(attemptId))).mtimeMs
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }

  /** What a bot has put out is kept, its secrets covered, when it ends; a server that died just then has left the file. */
  forgetOutput(attemptId: string): Promise<void> {
    return new AttemptDirectory(this.path, attemptId).forgetOutput()
  }

  /** What they take on the disk, in bytes; 0 for one that is not there. */
  async bytes(attemptIds: string[], signal: AbortSignal): Promise<Map<string, number>> {
    const paths = [...attemptIds, ...this.#results(attemptIds)]
    const said = paths.length > 0 ? await this.#run('/usr/bin/du', ['-sk', '--', ...paths], signal) : ''
    const bytes = new Map(attemptIds.map(id => [id, 0]))
    for (const [, kibibytes, path] of said.matchAll(/^(\d+)\t(.*)$/gm)) {
      const id = basename(path!)
      bytes.set(id, bytes.get(id)! + Number(kibibytes) * 1024)
    }
    return bytes
  }

  /** @returns those that could not be removed, or not as a whole. */
  async remove(attemptIds: string[], signal: AbortSignal): Promise<string[]> {
    const stuck = new Set(await this.#removeResults(attemptIds, signal))
    const ids = attemptIds.filter(id => !stuck.has(id))
    if (ids.length > 0) await this.#run('/usr/bin/rm', ['-rf', '--', ...ids], signal)
    const left: string[] = []
    for (const id of attemptIds) if ((await this.changedAt(id)) !== null) left.push(id)
    return left
  }

  /** Before the rest, which says whose they are. @returns whose could not be removed. */
  async #removeResults(attemptIds: string[], signal: AbortSignal): Promise<string[]> {
    const results = this.#results(attemptIds)
    if (results.length === 0) return []
    await this.#run('/usr/bin/rm', ['-rf', '--', ...results], signal)
    const closed = results.filter(existsSync)
    if (closed.length === 0) return []
    // Some bot has kept them to its user since they were opened to the server.
    for (const folder of closed) {
      const user = new AttemptDirectory(this.path, basename(folder)).launchRecord()?.user
      if (!user) continue
      chmodSync(folder, 0o770)
      await openResults(folder, user, this.#launcher)
    }
    await this.#run('/usr/bin/rm', ['-rf', '--', ...closed], signal)
    return closed.filter(existsSync).map(folder => basename(folder))
  }

  /** The folders that attempts of bots of another user had besides. */
  #results(attemptIds: string[]): string[] {
    if (!existsSync(dirname(resultsFolder(this.path, '-')))) return []
    return attemptIds.map(id => resultsFolder(this.path, id)).filter(existsSync)
  }

  /** With what is left of the processor. What it complains about shows in what it has done. */
  async #run(program: string, args: string[], signal: AbortSignal): Promise<string> {
    const child = spawn('/usr/bin/nice', ['-n', '19', program, ...args], {
      cwd: this.path,
      env: {},
      signal,
      stdio: ['ignore', 'pipe', 'ignore']
    })
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', text => {
      said += text
    })
    await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
    return said
  }
}
