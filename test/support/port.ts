import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * A port for who must be told which one is its own. It is taken and given back, so it lies below those that the kernel hands out
 * by itself (from 32768, Linux's ip_local_port_range): nothing that listens on port 0 or connects meanwhile can be given it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768)
    const probe = createServer()
    const taken = await new Promise<boolean>(resolve => {
      probe.on('error', () => resolve(true)).listen(port, '127.0.0.1', () => probe.close(() => resolve(false)))
    })
    if (!taken) return port
  }
}
