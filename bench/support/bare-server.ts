import { spawn } from 'node:child_process'
import { once } from 'node:events'

const SCRIPT = `
  const server = require('node:http').createServer((_, response) => response.end('{"status":"healthy"}'))
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))`

/** The least that answers over HTTP, in a process of its own: what the machine has to do with a number shows in it too. */
export async function startBareServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, ['-e', SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] })
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
