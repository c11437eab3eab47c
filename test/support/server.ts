import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { noProcessesLeft, REQUESTS_PER_SECOND, readSetupToken } from './app.ts'
import { Client } from './client.ts'

const ROOT = join(import.meta.dirname, '../..')

/** As `npm start` sets it. */
const NODE_COMPILE_CACHE = join(ROOT, 'node_modules/.cache/node')

/** A real server in a process of its own, to be killed and started again. */
export class TestServer extends Client {
  readonly process: ChildProcess
  readonly dataDir: string
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  readonly #output: { text: string }

  constructor(child: ChildProcess, url: string, dataDir: string, output: { text: string }, exit: TestServer['exit']) {
    super(url)
    this.process = child
    this.dataDir = dataDir
    this.exit = exit
    this.#output = output
  }

  /** Everything it has printed. */
  get output(): string {
    return this.#output.text
  }

  /** Sends a signal to the server alone and waits until it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL') {
    this.process.kill(signal)
    return this.exit
  }
}

/** Runs `node src/server.ts` to its end; for those that are expected not to start. */
export async function runServer(env: Record<string, string>, args: string[] = [], cwd = ROOT) {
  const child = spawn(process.execPath, [join(ROOT, 'src/server.ts'), ...args], {
    cwd,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE, ...env }
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', chunk => {
    output.stdout += chunk
  })
  child.stderr.on('data', chunk => {
    output.stderr += chunk
  })
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  return { code, ...output }
}

/**
 * Starts a server on `dataDir` and waits until it listens. It is killed when the test ends, and the test fails when a bot
 * is left behind then.
 */
export async function startServer(t: Test, dataDir: string, env: Record<string, string> = {}): Promise<TestServer> {
  const server = await startFreshServer(t, dataDir, env)
  let token: string | null = null
  try {
    token = readSetupToken(dataDir)
  } catch {
    // used up: there is an administrator
  }
  await (token ? server.setUp(token) : server.signIn())
  return server
}

/** The same, on a machine that has no control groups, or that lets the server make none. */
export async function startServerWithoutGroups(t: Test, dataDir: string): Promise<TestServer> {
  // A file system of its own lies over theirs. Who may not lay it there may make no groups, either.
  const hide = ['unshare', '--mount', '/bin/sh', '-c', 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"', '-']
  const hidden = process.getuid!() === 0 ? hide : []
  const { child, url, output, exit } = await spawnServer(t, ROOT, dataDir, {}, hidden)
  const server = new TestServer(child, url, dataDir, output, exit)
  await server.setUp(readSetupToken(dataDir))
  return server
}

/** The same, with no more descriptors than these: files, folders and connections that it has open at a time. */
export async function startServerWithFewDescriptors(
  t: Test,
  dataDir: string,
  descriptors: number,
  env: Record<string, string> = {}
): Promise<TestServer> {
  const few = ['/bin/sh', '-c', `ulimit -n ${descriptors} && exec "$@"`, '-']
  const { child, url, output, exit } = await spawnServer(t, ROOT, dataDir, env, few)
  const server = new TestServer(child, url, dataDir, output, exit)
  await server.setUp(readSetupToken(dataDir))
  return server
}

/** The same, started with a file open at descriptors 9 and 40, as some shells and service managers leave theirs. */
export async function startServerWithOpenFile(t: Test, dataDir: string, file: string): Promise<TestServer> {
  const open = ['/bin/bash', '-c', 'exec 9<"$0" 40<"$0"; exec "$@"', file]
  const { child, url, output, exit } = await spawnServer(t, ROOT, dataDir, {}, open)
  const server = new TestServer(child, url, dataDir, output, exit)
  await server.setUp(readSetupToken(dataDir))
  return server
}

/**
 * The same, as another user, who owns `dataDir` and has none of root's rights but these; they are passed on to bots. Wherever
 * the server itself lies, it can be read. Only root can do that.
 */
export async function startServerAs(t: Test, dataDir: string, user: number, rights: string[]): Promise<TestServer> {
  const all = [...rights, 'dac_read_search'].map(right => `+${right}`).join(',')
  const become = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups']
  const keep = [`--inh-caps=${all}`, `--ambient-caps=${all}`]
  const { child, url, output, exit } = await spawnServer(t, ROOT, dataDir, {}, [...become, ...keep])
  const server = new TestServer(child, url, dataDir, output, exit)
  await server.setUp(readSetupToken(dataDir))
  return server
}

/**
 * The same, as another user who has the rights that let bots run as `BOT_USER`, lent as a service manager does: by
 * `deploy/start.sh`. He owns `dataDir` and is in the bot user's group. Only root can do that.
 */
export async function startLentServer(
  t: Test,
  dataDir: string,
  { user, botUser, botGroup }: { user: number; botUser: string; botGroup: number },
  env: Record<string, string> = {}
): Promise<TestServer> {
  const rights = '+setuid,+setgid,+kill'
  const become = ['setpriv', `--reuid=${user}`, `--regid=${user}`, `--groups=${botGroup}`]
  const command = [...become, `--inh-caps=${rights}`, `--ambient-caps=${rights}`, '--', join(ROOT, 'deploy/start.sh')]
  const settings = { BOT_USER: botUser, ...env }
  const { child, url, output, exit } = await spawnServer(t, ROOT, dataDir, settings, [], command)
  const server = new TestServer(child, url, dataDir, output, exit)
  await (existsSync(join(dataDir, 'setup-token')) ? server.setUp(readSetupToken(dataDir)) : server.signIn())
  return server
}

/** The same, with nobody signed in and nobody made. */
export async function startFreshServer(
  t: Test,
  dataDir: string,
  env: Record<string, string> = {}
): Promise<TestServer> {
  const { child, url, output, exit } = await spawnServer(t, ROOT, dataDir, env)
  return new TestServer(child, url, dataDir, output, exit)
}

/** The same, of another installation. */
export async function startServerOf(
  t: Test,
  installation: string,
  dataDir: string,
  env: Record<string, string> = {}
): Promise<TestServer> {
  const { child, url, output, exit } = await spawnServer(t, installation, dataDir, env)
  const server = new TestServer(child, url, dataDir, output, exit)
  await (existsSync(join(dataDir, 'setup-token')) ? server.setUp(readSetupToken(dataDir)) : server.signIn())
  return server
}

async function spawnServer(
  t: Test,
  root: string,
  dataDir: string,
  env: Record<string, string>,
  under: string[] = [],
  command = [process.execPath, join(root, 'src/server.ts')]
) {
  const [program, ...args] = [...under, ...command]
  const child = spawn(program!, args, {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE,
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: dataDir,
      REQUESTS_PER_SECOND,
      ...env
    },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const output = { text: '' }
  const exit: TestServer['exit'] = new Promise(resolve => child.on('exit', (code, signal) => resolve({ code, signal })))
  t.teardown(async () => {
    child.kill('SIGKILL')
    await exit
    await noProcessesLeft(t, dataDir)
  })
  child.stderr.on('data', chunk => {
    output.text += chunk
  })
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', line => {
      output.text += `${line}\n`
      const listening = /"msg":"Server listening at (http:[^"]+)"/.exec(line)
      if (listening) resolve(listening[1]!)
    })
    exit.then(() => reject(new Error(`the server did not start:\n${output.text}`)))
  })
  return { child, url, output, exit }
}
