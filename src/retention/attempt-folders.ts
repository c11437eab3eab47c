import { spawn } from 'node:child_process'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The folders of attempts, by the ids of these. `du` and `rm` look at them and remove them beside the server, as bots have
 * filled them as they liked: a million files, a thousand folders in each other, names that are no text.
 */
export class AttemptFolders {
  readonly path: string

  constructor(path: string) {
    this.path = path
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

  /** What they take on the disk, in bytes; 0 for one that is not there. */
  async bytes(attemptIds: string[], signal: AbortSignal): Promise<Map<string, number>> {
    const said = attemptIds.length > 0 ? await this.#run('/usr/bin/du', ['-sk', '--', ...attemptIds], signal) : ''
    const bytes = new Map(attemptIds.map(id => [id, 0]))
    for (const [, kibibytes, id] of said.matchAll(/^(\d+)\t(.*)$/gm)) bytes.set(id!, Number(kibibytes) * 1024)
    return bytes
  }

  /** @returns those that could not be removed, or not as a whole. */
  async remove(attemptIds: string[], signal: AbortSignal): Promise<string[]> {
    if (attemptIds.length > 0) await this.#run('/usr/bin/rm', ['-rf', '--', ...attemptIds], signal)
    const left: string[] = []
    for (const id of attemptIds) if ((await this.changedAt(id)) !== null) left.push(id)
    return left
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
