/** How the server process behaves; `gunicorn-equivalent.config.ts` holds the values. Times are seconds. */
export interface ProcessSettings {
  bind: string
  workers: number
  workerConnections: number
  maxStreams: number
  maxStreamsPerAccount: number
  maxEventLoopDelay: number
  timeout: number
  keepAlive: number
  gracefulTimeout: number
}

/** Names of `ProcessSettings` that count or last. */
const AMOUNTS = [
  'workerConnections',
  'maxStreams',
  'maxStreamsPerAccount',
  'maxEventLoopDelay',
  'timeout',
  'keepAlive',
  'gracefulTimeout'
] as const

/** The host and port of `bind`; null when it names none. */
export function readBind({ bind }: ProcessSettings): { host: string; port: number } | null {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(bind) ?? []
  if (!host || Number(port) > 65535) return null
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}

/** What is wrong with these settings, for people. */
export function processProblems(settings: ProcessSettings): string[] {
  const problems: string[] = []
  const say = (name: keyof ProcessSettings, value: unknown, problem: string) =>
    problems.push(`${name} in gunicorn-equivalent.config.ts is ${value}: ${problem}`)
  if (!readBind(settings)) say('bind', `"${settings.bind}"`, 'expected host:port')
  if (settings.workers !== 1) {
    const reason = 'whoever follows a log must be connected to the process that publishes it'
    say('workers', settings.workers, `only 1 works, as ${reason}`)
  }
  for (const name of AMOUNTS) {
    const amount = settings[name]
    if (!(Number.isInteger(amount) && amount > 0)) say(name, amount, 'expected a whole number above 0')
  }
  return problems
}
