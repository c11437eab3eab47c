import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { Test } from 'tap'
import { childrenOf } from './attempts.ts'
import { eventually } from './wait.ts'

const ROOT = join(import.meta.dirname, '../..')
const NSPAWN = '/usr/bin/systemd-nspawn'

export const needsMachine: { skip: string | false } = {
  skip:
    process.getuid!() === 0 && existsSync(NSPAWN) ? false : `it takes root and ${NSPAWN} (Debian's systemd-container)`
}

/** What a program said, and how it ended. */
export interface Said {
  status: number | null
  text: string
}

/**
 * A machine with a systemd of its own: this one's files as they are, with a layer over them that goes when the test ends. It has
 * this one's network and clock; only its basic services run.
 */
export class Machine {
  /** Where its files lie. */
  readonly root: string
  readonly #init: number

  private constructor(root: string, init: number) {
    this.root = root
    this.#init = init
  }

  static async boot(t: Test): Promise<Machine> {
    const layers = mkdtempSync(join(tmpdir(), 'botyard-machine-'))
    const [root, upper, work] = ['root', 'upper', 'work'].map(name => join(layers, name)) as [string, string, string]
    for (const folder of [root, upper, work]) mkdirSync(folder)
    execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=/,upperdir=${upper},workdir=${work}`, root])
    const options = ['--register=no', '--keep-unit', '--console=pipe', '--quiet', '--boot', 'systemd.unit=basic.target']
    const nspawn = spawn(NSPAWN, [`--directory=${root}`, ...options], {
      env: { PATH: process.env.PATH, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
      stdio: ['ignore', 'ignore', 'inherit']
    })
    const ended = new Promise(resolve => nspawn.on('close', resolve))
    t.teardown(async () => {
      for (const child of childrenOf(nspawn.pid!)) process.kill(child, 'SIGKILL')
      await ended
      execFileSync('umount', [root])
      rmSync(layers, { recursive: true, force: true })
    })
    // The first child of all only makes the one that is to stay.
    return eventually('its systemd', async () => {
      const machine = new Machine(root, childrenOf(nspawn.pid!)[0] ?? 0)
      const { text } = await machine.run('systemctl', 'is-system-running')
      return /^(running|degraded)$/m.test(text) ? machine : null
    })
  }

  /** Runs a program there, as root, to its end. */
  async run(...argv: string[]): Promise<Said> {
    const env = {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
      // Where whoever runs this needs one to come to the registry of npm.
      ...(process.env.NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS })
    }
    const child = spawn('nsenter', ['--target', String(this.#init), '--all', ...argv], { env })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', part => (text += part))
    const status = await new Promise<number | null>(resolve => child.on('close', resolve))
    return { status, text }
  }

  /** The same, for what must work. */
  async must(...argv: string[]): Promise<string> {
    const { status, text } = await this.run(...argv)
    if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}:\n${text}`)
    return text
  }

  /** A checkout of this repository at that path there, as it is now. @returns its folder as it is reached from here. */
  checkOut(path: string): string {
    const folder = join(this.root, path)
    const left = new Set(['.git', 'node_modules', 'public', 'data', '.tap', 'screenshots'])
    cpSync(ROOT, folder, { recursive: true, filter: from => !left.has(relative(ROOT, from)) })
    return folder
  }
}
