import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { makeNewFile } from '../lib/new-file.ts'
import { openRegularFile } from '../lib/regular-file.ts'
import { bootId, type ProcessIdentity, type ProcessStat, parseStat } from '../processes/processes.ts'
import type { LaunchRecord } from './attempt.ts'
import type { BotUser } from './bot-user.ts'
import { closeResults, forgetResults, makeResults, type Results, resultsOf } from './results.ts'

/** What the names of the files in an attempt's folder say. */
export interface AttemptFiles {
  started: boolean
  /** The wrapper began, but could not start the bot. */
  unstarted: boolean
  /** How the bot ended, as a shell reports it. */
  exit: number | null
  /** How the relay ended: 0, 1 disk full, 153 cap reached, 128 + signal. It exists only after the last byte is in the log. */
  closed: number | null
}

/** Who runs an attempt. `bot` is the leader of the bot's own session and process group. */
export interface AttemptIdentity {
  boot: string
  wrapper: ProcessIdentity
  bot: ProcessIdentity
}

/** Where the folders of all attempts are. */
export function attemptsFolder(dataDir: string): string {
  return join(dataDir, 'attempts')
}

/** A command may hold 32 MiB of arguments; what is larger than this nobody but a bot has written. */
const MAX_FILE_BYTES = 64 * 1024 * 1024

/** Half of a file system's coarsest timestamp step would do; this is many. */
const TIMESTAMP_DOUBT_NS = 50_000_000n

/**
 * The folder of one attempt, written by the wrapper (`wrapper.sh`) and read here. Its files are the truth about the
 * attempt whether or not a server runs; all of them are made once and never changed, apart from the log.
 */
export class AttemptDirectory {
  readonly path: string
  readonly id: string
  readonly #attemptsFolder: string
  #results: Results | null = null
  #changedAt = 0n
  #identity: AttemptIdentity | null = null
  #terminal: ProcessStat | null = null
  #launched: LaunchRecord | null = null

  constructor(attemptsFolder: string, id: string) {
    this.id = id
    this.#attemptsFolder = attemptsFolder
    this.path = join(attemptsFolder, id)
  }

  get log(): string {
    return join(this.path, 'log')
  }

  /** The FIFO that is the bot's input, for a bot that takes some. */
  get input(): string {
    return join(this.path, 'input')
  }

  /** The file for `name=value` lines. It and the folder of artifacts are the bot's to write, and to make anything of. */
  get output(): string {
    return join(this.results.folder, 'output')
  }

  get artifacts(): string {
    return join(this.results.folder, 'artifacts')
  }

  get results(): Results {
    this.#results ??= resultsOf(this.#attemptsFolder, this.id)
    return this.#results
  }

  /**
   * Makes the folder and what the bot, as its user, may write in; what is there stays as it is. All in all a tenth of a
   * millisecond: to have that done on another thread, and to be told, takes longer.
   */
  make(user: Pick<BotUser, 'gid'> | null, payload: string | null = null): void {
    if (user) {
      mkdirSync(this.path, { recursive: true, mode: 0o700 })
      this.#results = makeResults(this.#attemptsFolder, this.id, user.gid, payload)
      return
    }
    forgetResults(this.#attemptsFolder, this.id)
    this.#results = { folder: this.path, group: null }
    mkdirSync(this.artifacts, { recursive: true, mode: 0o700 })
    makeEmpty(this.output)
    if (payload !== null) makeNewFile(join(this.path, 'payload'), payload)
  }

  /** Once it has ended: nobody of its user comes to what it has left any more. */
  closeResults(): void {
    closeResults(this.results)
  }

  /** Removes what the bot has put out, once that is kept; most put out nothing, and there is nothing to be done. Never fails. */
  async forgetOutput(): Promise<void> {
    try {
      if (lstatSync(this.output).size > 0) await unlink(this.output)
    } catch {
      // The bot has removed it itself, or made it into a folder.
    }
  }

  /** Writes down what is about to be launched. Who dies within it has launched nothing, so the next writes it anew. */
  keep(record: LaunchRecord): void {
    const file = join(this.path, 'launch.json')
    rmSync(file, { force: true })
    writeFileSync(file, JSON.stringify(record), { mode: 0o600, flag: 'wx' })
    this.#launched = record
  }

  /** What was launched; null when a server before this one did it and somebody has removed or spoilt the file since. */
  launchRecord(): LaunchRecord | null {
    this.#launched ??= this.#readLaunchRecord()
    return this.#launched
  }

  /** Whether a file came or went since this last answered; cheap enough for every look. */
  change(): 'none' | 'some' | 'gone' {
    const stat = statSync(this.path, { bigint: true, throwIfNoEntry: false })
    if (!stat) return 'gone'
    if (stat.mtimeNs === this.#changedAt) return 'none'
    // Two files made within one step of the clock leave one timestamp, so a fresh one is not yet believed to be the last.
    const settled = BigInt(Date.now()) * 1_000_000n - stat.mtimeNs > TIMESTAMP_DOUBT_NS
    this.#changedAt = settled ? stat.mtimeNs : 0n
    return 'some'
  }

  files(): AttemptFiles {
    const files: AttemptFiles = { started: false, unstarted: false, exit: null, closed: null }
    for (const name of this.#names()) {
      if (name === 'started') files.started = true
      else if (name === 'unstarted') files.unstarted = true
      else if (name.startsWith('exit.')) files.exit = Number(name.slice(5))
      else if (name.startsWith('closed.')) files.closed = Number(name.slice(7))
    }
    return files
  }

  /** When it ended, by the file that says so, in milliseconds; null when none does. A server may come to look much later. */
  endedAt(): number | null {
    const names = this.#names()
    const last = ['closed.', 'exit.', 'unstarted'].flatMap(start => names.find(name => name.startsWith(start)) ?? [])[0]
    const stat = last === undefined ? undefined : lstatSync(join(this.path, last), { throwIfNoEntry: false })
    return stat ? Math.floor(stat.mtimeMs) : null
  }

  /** Null until the wrapper has written it whole. */
  identity(): AttemptIdentity | null {
    this.#identity ??= this.#readIdentity()
    return this.#identity
  }

  /** Who leads the session of the bot's terminal: what `script` has started. Null until the terminal is set up. */
  terminal(): ProcessStat | null {
    const line = this.#terminal ? null : this.#read('terminal')
    if (line?.endsWith('\n')) this.#terminal = parseStat(line)
    return this.#terminal
  }

  /** False when it was written before this boot of the machine: whoever has its pids now is somebody else. */
  isOfThisBoot(): boolean {
    return this.identity()?.boot === bootId()
  }

  /** Takes the place of the wrapper, so that it can never start. False when it was there first. */
  preventStart(): boolean {
    const started = join(this.path, 'started')
    if (!makeEmpty(started)) return false
    try {
      makeEmpty(join(this.path, 'unstarted'))
      return true
    } catch (error) {
      rmSync(started) // who has started and is not there would be called lost
      throw error
    }
  }

  /** Its folder was lost: it is taken for one that has begun, and that nobody saw end. */
  presumeStarted(): void {
    makeEmpty(join(this.path, 'started'))
  }

  #names(): string[] {
    try {
      return readdirSync(this.path)
    } catch (error) {
      this.#changedAt = 0n // what has changed was not seen (no descriptors left), and is still to be
      throw error
    }
  }

  #readLaunchRecord(): LaunchRecord | null {
    try {
      return JSON.parse(this.#read('launch.json') ?? 'null')
    } catch {
      return null
    }
  }

  #readIdentity(): AttemptIdentity | null {
    const text = this.#read('pid')
    if (text === null) return null
    const [boot, wrapperLine, botLine, end] = text.split('\n')
    if (!boot || end !== '') return null
    const wrapper = parseStat(wrapperLine!)
    const bot = parseStat(botLine!)
    return wrapper && bot ? { boot, wrapper, bot } : null
  }

  /** Null when there is no such file, or a bot has made something of it that would not end, or only the memory. */
  #read(name: string): string | null {
    const fd = openRegularFile(join(this.path, name))
    if (fd === null) return null
    try {
      return fstatSync(fd).size <= MAX_FILE_BYTES ? readFileSync(fd, 'utf8') : null
    } finally {
      closeSync(fd)
    }
  }
}

/** Makes an empty file. False when something is there, which may be anything and is not opened. */
function makeEmpty(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
