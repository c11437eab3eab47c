/** Clients that take connections and do not let go of them; what slowhttptest does. */
import { readdirSync, readlinkSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { endOf } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { Feed, fixture, follow, startFed } from '../support/logs.ts'
import { startServer } from '../support/server.ts'
import { rounds } from '../support/soak.ts'
import { eventually } from '../support/wait.ts'

const IDLE = rounds(1000, 10_000)
const SLOW = rounds(200, 400)
/** Connections opened at a time: more would not fit the queue of those that wait to be accepted. */
const AT_ONCE = 200

function socketsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).filter(name => {
    try {
      return readlinkSync(join(folder, name)).startsWith('socket:')
    } catch {
      return false // closed meanwhile
    }
  }).length
}

t.test(
  'clients that connect and say nothing, or speak or listen too slowly, keep nobody else out, and are cut off',
  { timeout: 300_000 },
  async t => {
    const server = await startServer(t, join(testFolder(t, { data: {} }), 'data'))
    const feed = await Feed.open(t)
    const id = await startFed(server, feed)
    const reader = await follow(server, id)
    const big = await server.start(await server.makeBot(fixture('log-counts', '1000000'), { name: 'big' }))
    await endOf(server, big.id)

    const port = Number(new URL(server.url).port)
    const sockets: Socket[] = []
    t.teardown(() => {
      for (const socket of sockets) socket.destroy()
    })
    let gone = 0
    const open = async (count: number, first: string, more: string | null) => {
      for (let left = count; left > 0; left -= AT_ONCE) {
        await Promise.all(
          Array.from(
            { length: Math.min(left, AT_ONCE) },
            () =>
              new Promise<void>((resolve, reject) => {
                const socket = connect(port, '127.0.0.1', resolve).on('error', reject)
                socket.on('close', () => gone++)
                socket.pause()
                socket.write(first)
                sockets.push(socket)
                if (more === null) return
                const drip = setInterval(() => socket.write(more), 500)
                socket.on('close', () => clearInterval(drip))
              })
          )
        )
      }
    }
    const host = 'host: localhost\r\n'
    const token = `authorization: Bearer ${server.token}\r\n`
    await open(IDLE, '', null)
    await open(SLOW, `GET /health HTTP/1.1\r\n${host}`, 'x-a: b\r\n')
    await open(
      SLOW,
      `POST /api/bots HTTP/1.1\r\n${host}${token}content-type: application/json\r\ncontent-length: 100000\r\n\r\n{`,
      ' '
    )
    await open(SLOW, `GET /api/executions/${big.id}/log HTTP/1.1\r\n${host}${token}\r\n`, null)

    t.ok(socketsOf(server.process.pid!) >= IDLE, 'they are there now')
    for (const path of ['/health', '/health/db', '/api/bots', `/api/executions/${id}`])
      t.equal((await server.get(path)).status, 200, path)
    await feed.write('still here\n')
    await reader.sees('still here\n')
    t.match(await server.finished(['/bin/true'], { name: 'next' }), { state: 'succeeded' })
    await feed.end()
    await reader.done
    t.match(await server.execution(id), { state: 'succeeded' })
    // The clients do not look, so the server's own sockets are counted. A few are those of `fetch`.
    await eventually('all of them to be cut off', () => socketsOf(server.process.pid!) < 50, 100_000)

    for (const socket of sockets) socket.destroy()
    await eventually('all to be gone', () => gone === sockets.length)
    t.equal((await server.get('/health')).status, 200)
  }
)
