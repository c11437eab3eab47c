import { type Confinement, UNCONFINED } from '../cgroups/attempt-groups.ts'
import { tableOf, treeOf } from '../processes/process-tree.ts'
import {
  allProcesses,
  anyProcessIn,
  groupedProcesses,
  isAlive,
  markedProcesses,
  maySignal,
  type ProcessIdentity,
  type ProcessStat,
  sessionMembers,
  signalGroup,
  signalProcess,
  signalScript,
  standsIn,
  userOf
} from '../processes/processes.ts'
import type { AttemptDirectory } from './attempt-directory.ts'
import type { BotUser } from './bot-user.ts'
import type { Living } from './judgement.ts'
import type { Launcher } from './launcher.ts'

/**
 * The processes of an attempt: the wrapper, its relay, and the bot with all that it has started. Nothing is signalled whose
 * identity is not certain.
 */
export class AttemptProcesses {
  /** How the kernel holds the bot; known once it has been launched. */
  confinement: Confinement = UNCONFINED
  /** The bot's when somebody looked last, for those that nothing but their parents gave away. */
  seen: ProcessIdentity[] = []
  /** How many of the bot's belonged to somebody else when somebody looked last. */
  foreign = 0
  readonly #directory: AttemptDirectory
  readonly #hasTerminal: boolean
  readonly #shell: Pick<Launcher, 'run' | 'ask'>
  #killedInTerminal = false
  #search: 'none' | 'asked' | 'answered' = 'none'

  /** `shell`: who may do what this process may not to a bot of another user. */
  constructor(directory: AttemptDirectory, hasTerminal: boolean, shell: Pick<Launcher, 'run' | 'ask'>) {
    this.#directory = directory
    this.#hasTerminal = hasTerminal
    this.#shell = shell
  }

  /** The bot, which leads a session and a process group; null until it has said who it is. */
  leader(): ProcessIdentity | null {
    const terminal = this.#hasTerminal ? this.#directory.terminal() : null
    return terminal ?? this.#directory.identity()?.bot ?? null
  }

  /**
   * Which of them live; `hasExited`: the bot's exit is known. A wrapper that has not said who it is `mayBeUnnamed`, or else
   * lives only if somebody stands in the attempt's folder.
   */
  living(hasExited: boolean, mayBeUnnamed: boolean): Living {
    const identity = this.#directory.identity()
    if (!identity) {
      const wrapper = mayBeUnnamed || anyProcessIn(this.#directory.path)
      return { wrapper, bot: false, relay: false }
    }
    if (!this.#directory.isOfThisBoot()) return { wrapper: false, bot: false, relay: false }
    const wrapper = isAlive(identity.wrapper)
    const bot = isAlive(identity.bot)
    // Going through all processes takes milliseconds: only when it decides.
    const decides = !wrapper && (!bot || hasExited)
    return { wrapper, bot, relay: decides && this.#relays().length > 0 }
  }

  /**
   * The bot's that live and that we may end: those that descend from it, carry its mark or are in its control group. What
   * runs as somebody else (sudo) is not waited for, or an execution might never end. The marks of another user's processes
   * are those that were there when he was asked last.
   */
  members(): ProcessStat[] {
    const { id } = this.#directory
    const user = this.#user
    const all = allProcesses()
    const owned = [
      ...(user ? [] : markedProcesses(id, all)),
      ...(this.confinement.group ? groupedProcesses(id, all) : [])
    ]
    const leaders = this.#directory.isOfThisBoot() ? [this.#directory.identity()!.bot, this.leader()!] : []
    const living = treeOf(leaders, [...this.seen, ...owned], tableOf(all)).filter(({ state }) => state !== 'Z')
    const members = living.filter(({ pid }) => maySignal(pid) || (user && userOf(pid) === user.uid))
    this.seen = living
    this.foreign = living.length - members.length
    return members
  }

  /** Asks the bot to end: its process group, and all that left it. What holds a terminal is spared until the second KILL. */
  signalBot(signal: NodeJS.Signals): void {
    const leader = this.leader()
    const holder = this.#hasTerminal ? (this.#directory.identity()?.bot.pid ?? null) : null
    // It goes last: it writes down the last bytes, and how the bot ended.
    const spared = signal === 'SIGKILL' && this.#killedInTerminal ? null : holder
    this.#killedInTerminal = signal === 'SIGKILL'
    // Looked for while the leader lives: what is in its terminal is told by it.
    const members = this.members().filter(({ pid }) => pid !== spared)
    const others = members.filter(({ processGroup }) => processGroup !== leader?.pid)
    this.#signal(signal, others, leader && leader.pid !== spared ? [leader] : [])
    this.#signalMarked(signal, [...members, ...(leader ? [leader] : [])])
    if (signal === 'SIGKILL' && spared === null) this.confinement.group?.kill()
  }

  /** Sends a signal to each of these. KILL is for all that the kernel knows to be the bot's. */
  signalEach(members: readonly ProcessIdentity[], signal: NodeJS.Signals): void {
    this.#signal(signal, members)
    if (signal === 'SIGKILL') this.confinement.group?.kill()
  }

  /** The same to all that it has. */
  signalAll(signal: NodeJS.Signals): void {
    const members = this.members()
    this.signalEach(members, signal)
    this.#signalMarked(signal, members)
  }

  /** True once {@link members} knows of all that carry the mark now. Who asks again after that has it looked for again. */
  hasLooked(): boolean {
    const user = this.#user
    if (!user || this.#search === 'answered') {
      this.#search = 'none'
      return true
    }
    if (this.#search === 'none') {
      this.#search = 'asked'
      this.#marked(user).then(
        () => {
          this.#search = 'answered'
        },
        () => {
          this.#search = 'none' // no descriptors left, say: looked for again
        }
      )
    }
    return false
  }

  /** Whom the bot runs as, when that is not the server's own user, by what was written down when it was launched. */
  get #user(): Pick<BotUser, 'uid' | 'gid'> | null {
    const user = this.#directory.launchRecord()?.user
    return user && user.uid > 0 && user.gid > 0 ? user : null
  }

  /** Sends a signal to processes, and to the groups that processes lead; by the launcher where we may not. */
  #signal(
    signal: NodeJS.Signals,
    processes: readonly ProcessIdentity[],
    leaders: readonly ProcessIdentity[] = []
  ): void {
    const groups = leaders.filter(leader => !signalGroup(leader, signal) && this.#isUsers(leader))
    const others = processes.filter(each => !signalProcess(each, signal) && this.#isUsers(each))
    if (groups.length + others.length > 0) this.#shell.run(signalScript(signal, others, groups))
  }

  #isUsers({ pid }: ProcessIdentity): boolean {
    const user = this.#user
    return user !== null && userOf(pid) === user.uid
  }

  /** Signals those that only their mark gives away, a moment later: only their own user may look for it. */
  #signalMarked(signal: NodeJS.Signals, but: readonly ProcessIdentity[]): void {
    const user = this.#user
    if (!user) return
    const known = new Set(but.map(({ pid }) => pid))
    this.#marked(user).then(
      found => {
        const others = found.filter(({ pid }) => !known.has(pid))
        this.#signal(signal, others)
      },
      () => {} // no descriptors left, say: the next signal looks again
    )
  }

  /** What carries the mark. What the user says is a hint: only what is his is taken for it. */
  async #marked(user: Pick<BotUser, 'uid' | 'gid'>): Promise<ProcessStat[]> {
    const all = allProcesses()
    const grep = 'exec /usr/bin/grep -slzxF -e "$1" /proc/[0-9]*/environ'
    const answer = await this.#shell.ask(user, ['/bin/sh', '-c', grep, '-', `BOTYARD_ATTEMPT=${this.#directory.id}`])
    const pids = new Set(answer?.lines.map(line => Number(/^\/proc\/(\d+)\/environ$/.exec(line)?.[1])))
    const found = all.filter(each => pids.has(each.pid) && userOf(each.pid) === user.uid && isAlive(each))
    this.seen = [...this.seen, ...found]
    return found
  }

  /** Ends the relay, so that whoever still holds the log and hides from us holds nothing. */
  endRelay(): void {
    this.signalEach(this.#relays(), 'SIGTERM')
  }

  /** The wrapper's session by number may be another's by now; only what also stands in the folder is ours. */
  #relays(): ProcessIdentity[] {
    const wrapper = this.#directory.identity()?.wrapper
    return wrapper ? sessionMembers(wrapper.pid).filter(({ pid }) => standsIn(pid, this.#directory.path)) : []
  }
}
