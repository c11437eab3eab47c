import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface BareServer {
  url: string
  stop: () => Promise<void>
}

const SCRIPT = `
  const server = require('node:http').createServer((_, response) => response.end('{"status":"healthy"}'))
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))`

/** The least that answers over HTTP, in a process of its own: what the machine has to do with a number shows in it too. */
export const startBareServer = (): Promise<BareServer> => run(['-e', SCRIPT])

/** The same list of bots as a server on `dataDir` gives, by Fastify alone and to anybody. */
export const startBareList = (dataDir: string): Promise<BareServer> =>
  run([join(import.meta.dirname, 'bare-list.ts'), dataDir])

async function run(args: string[]): Promise<BareServer> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const [port] = await once(child.stdout, 'data')
  return {
    url: `http://127.0.0.1:${Number(port)}`,
    stop: async () => {
      process.off('exit', kill)
      kill()
      await once(child, 'exit')
    }
  }
}
