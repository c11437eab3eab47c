import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Botyard } from './botyard.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface Server {
  botyard: Botyard
  email: string
  password: string
  /** Stops it, and forgets all of it. */
  stop(): Promise<void>
}

/** Starts a Botyard to play with, on a folder of its own and on 127.0.0.1, with an administrator. */
export async function startBotyard(env: Record<string, string> = {}): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), 'botyard-example-'))
  const email = 'you@example.com'
  const password = randomBytes(9).toString('base64url')
  const child = spawn(process.execPath, [join(ROOT, 'src/server.ts')], {
    cwd: dataDir,
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: process.env.PORT || '0',
      DATA_DIR: dataDir,
      ADMIN_EMAIL: email,
      ADMIN_PASSWORD: password,
      LOG_LEVEL: 'info',
      ...env
    },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const stop = async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit')
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    const url = await listening(child)
    const answer = await fetch(`${url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password })
    })
    const { accessToken } = (await answer.json()) as { accessToken: string }
    return { botyard: new Botyard(url, accessToken), email, password, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Its address, once it listens. @throws Error with the last line it printed, when it ends instead */
async function listening(child: ChildProcess): Promise<string> {
  let last = ''
  for await (const line of createInterface({ input: child.stdout! })) {
    last = line
    const url = /listening at (http:\S+?)"/.exec(line)?.[1]
    if (url) {
      child.stdout!.resume()
      return url
    }
  }
  throw new Error(`The server did not start: ${last}`)
}
