/** What systemd is told of the server, by the protocol of sd_notify(3): that it listens, that it goes on, that it stops. */
import type { Logger } from 'pino'

export interface ServiceManager {
  /** The server listens. From now on it also says that it goes on, twice in the time after which it is taken for hung. */
  ready(): Promise<void>
  stopping(): void
}

/** Where no service manager asks, nobody is told and nothing is loaded. */
const NOBODY: ServiceManager = { ready: async () => {}, stopping: () => {} }

/** Takes out of `env` what the manager has put there for this process alone. */
export function takeServiceManager(env: NodeJS.ProcessEnv, logger: Logger): ServiceManager {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: watchdogUs, WATCHDOG_PID: watched } = env
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name]
  if (!socket) return NOBODY
  const isWatched = Number(watchdogUs) > 0 && (!watched || Number(watched) === process.pid)
  return new Notifications(socket, isWatched ? Number(watchdogUs) / 1000 : null, logger)
}

class Notifications implements ServiceManager {
  readonly #path: string
  readonly #watchdogMs: number | null
  readonly #logger: Logger
  #say: (state: string) => void = () => {}

  constructor(path: string, watchdogMs: number | null, logger: Logger) {
    this.#path = path
    this.#watchdogMs = watchdogMs
    this.#logger = logger
  }

  async ready(): Promise<void> {
    const { DgramSocket } = await import('node-unix-socket')
    const socket = new DgramSocket()
    this.#say = state => {
      const bytes = Buffer.from(state)
      socket.sendTo(bytes, 0, bytes.length, this.#path, error => {
        if (error) this.#logger.warn({ err: error, state }, 'the service manager could not be told how the server is')
      })
    }
    this.#say('READY=1')
    // A timer of the event loop: one that hangs says nothing.
    if (this.#watchdogMs !== null) setInterval(() => this.#say('WATCHDOG=1'), this.#watchdogMs / 2).unref()
  }

  stopping(): void {
    this.#say('STOPPING=1')
  }
}
