import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A way to a server on this machine that can be disturbed. */
export interface Gate {
  port: number
  /** `open` as if it were not there; `shut` whoever comes is sent away; `silent` he hears nothing; `busy` 503. */
  state: 'open' | 'shut' | 'silent' | 'busy'
  /** Cuts all that are connected. */
  cut(): void
  /** How many have come. */
  arrived: number
}

export async function startGate(t: Test, target: number): Promise<Gate> {
  const sockets = new Set<Socket>()
  const gate: Gate = {
    port: 0,
    state: 'open',
    arrived: 0,
    cut() {
      for (const socket of sockets) socket.destroy()
    }
  }
  const server = createServer(socket => {
    gate.arrived++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    if (gate.state === 'shut') socket.destroy()
    else if (gate.state === 'busy') socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n')
    else if (gate.state === 'open') {
      const onward = connect(target, '127.0.0.1')
      onward.on('error', () => socket.destroy())
      socket.on('close', () => onward.destroy())
      socket.pipe(onward).pipe(socket)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  gate.port = (server.address() as AddressInfo).port
  t.teardown(() => {
    gate.cut()
    server.close()
  })
  return gate
}
