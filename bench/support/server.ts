import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { hasEnded } from '../../src/executions/execution.ts'
import { Client } from '../../test/support/client.ts'
import { processesOf } from '../../test/support/processes.ts'

const ROOT = join(import.meta.dirname, '../..')
const START_DEADLINE_MS = 30_000

/** Servers that run now, to be ended when a row is cut short. */
const running = new Set<BenchServer>()

/** What `npm start` runs, in a process of its own, on a data folder that goes with it. */
export class BenchServer extends Client {
  readonly process: ChildProcess
  readonly dataDir: string
  /** From the start of the process to its first 200, in milliseconds. */
  readonly startedInMs: number
  readonly #exit: Promise<unknown>

  constructor(child: ChildProcess, url: string, dataDir: string, startedInMs: number, exit: Promise<unknown>) {
    super(url)
    this.process = child
    this.dataDir = dataDir
    this.startedInMs = startedInMs
    this.#exit = exit
    running.add(this)
  }

  get pid(): number {
    return this.process.pid!
  }

  /** Signs in, as the administrator it makes where there is none. */
  async enter(): Promise<void> {
    let token: string | null = null
    try {
      token = readFileSync(join(this.dataDir, 'setup-token'), 'utf8').trim()
    } catch {
      // used up: there is an administrator
    }
    await (token ? this.setUp(token) : this.signIn())
  }

  /** Calls back for each execution of a bot that ends, until what it returns is called. */
  async onEnd(botId: string, ended: (executionId: string) => void): Promise<() => void> {
    const stream = await this.stream(`/api/events?topics=bot:${botId}`)
    void (async () => {
      for await (const event of stream) {
        if (event.event === 'execution.changed' && hasEnded(event.data)) ended(event.data.id)
      }
    })()
    return () => stream.close()
  }

  /** Ends the server as an upgrade does: bots go on. */
  async stopAlone(): Promise<void> {
    this.process.kill('SIGTERM')
    await this.#exit
    running.delete(this)
  }

  /** Ends the server and whatever bots it has left. The data folder stays. */
  async stop(): Promise<void> {
    await this.stopAlone()
    for (const { pid } of processesOf(this.dataDir)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // gone by now
      }
    }
  }
}

export function makeDataDir(): string {
  return mkdtempSync(join(tmpdir(), 'botyard-bench-'))
}

/** On a free port, where `env` names none. `BENCH_NODE_OPTIONS` is given to the server's Node: `--cpu-prof --cpu-prof-dir=…` shows where its time goes. */
export async function startServer(dataDir: string, env: Record<string, string> = {}): Promise<BenchServer> {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const port = env.PORT ?? (await freePort())
  const start = performance.now()
  const child = spawn('/bin/sh', ['-c', scripts.start], {
    cwd: ROOT,
    env: {
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS ?? '',
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      // The server is to be what limits.
      REQUESTS_PER_SECOND: '1000000',
      ...env
    },
    stdio: ['ignore', 'inherit', 'pipe']
  })
  let complaints = ''
  child.stderr.on('data', chunk => {
    complaints += chunk
  })
  const exit = new Promise(resolve => child.on('exit', resolve))
  const url = `http://127.0.0.1:${port}`
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || performance.now() - start > START_DEADLINE_MS) {
      child.kill('SIGKILL')
      throw new Error(`the server did not start:\n${complaints}`)
    }
    await delay(2)
  }
  return new BenchServer(child, url, dataDir, performance.now() - start, exit)
}

/** A server with its administrator signed in, for as long as `use` takes. */
export async function withServer<T>(
  use: (server: BenchServer) => Promise<T>,
  env?: Record<string, string>
): Promise<T> {
  const dataDir = makeDataDir()
  try {
    const server = await startServer(dataDir, env)
    try {
      await server.enter()
      return await use(server)
    } finally {
      await server.stop()
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Ends everything at once, for a row that was cut short. */
export async function stopAll(): Promise<void> {
  for (const server of [...running]) {
    await server.stop()
    rmSync(server.dataDir, { recursive: true, force: true })
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`)
    await response.text()
    return response.status === 200
  } catch {
    return false // it does not listen yet
  }
}

/** Taken and given back, as the server itself says which it took only in its log. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}
