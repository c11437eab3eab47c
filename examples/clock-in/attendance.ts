/** A stand-in for the HTTP API of a company's attendance system, with what such systems do: sessions that run out. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const ACCOUNT = { user: 'ada', password: 'correct horse battery' }

export interface Day {
  in: string | null
  out: string | null
}

export interface Attendance {
  url: string
  /** What was clocked, by date. */
  days: Map<string, Day>
  /** How often somebody signed in. */
  signIns: number
  /** Ends every session, as a system does overnight. */
  forgetSessions(): void
  /** Answers 503 to this many requests from now on. */
  failNext(requests: number): void
  close(): Promise<void>
}

/** Listens on 127.0.0.1; at any free port when `port` is 0. */
export async function startAttendance(port = 0): Promise<Attendance> {
  const days = new Map<string, Day>()
  const sessions = new Set<string>()
  let failures = 0

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, 'http://attendance')
    if (failures > 0) {
      failures--
      return send(response, 503, { error: 'down for maintenance' })
    }
    if (request.method === 'POST' && pathname === '/login') {
      const { user, password } = await bodyOf(request)
      if (user !== ACCOUNT.user || password !== ACCOUNT.password)
        return send(response, 403, { error: 'wrong password' })
      const session = randomBytes(16).toString('hex')
      sessions.add(session)
      attendance.signIns++
      return send(response, 200, { token: session })
    }
    if (!sessions.has(request.headers.authorization?.replace('Bearer ', '') ?? '')) {
      return send(response, 401, { error: 'sign in' })
    }
    if (request.method === 'GET' && pathname === '/attendance') {
      return send(response, 200, dayOf(searchParams.get('date') ?? ''))
    }
    if (request.method === 'POST' && pathname === '/attendance') {
      const { date, what, time } = await bodyOf(request)
      const day = dayOf(date!)
      if ((what !== 'in' && what !== 'out') || day[what]) return send(response, 409, { error: 'clocked already' })
      day[what] = time!
      return send(response, 201, day)
    }
    return send(response, 404, { error: 'nothing here' })
  }

  function dayOf(date: string): Day {
    const day = days.get(date) ?? { in: null, out: null }
    days.set(date, day)
    return day
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(error => send(response, 400, { error: String(error) }))
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  const attendance: Attendance = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    days,
    signIns: 0,
    forgetSessions: () => sessions.clear(),
    failNext: requests => {
      failures = requests
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
  return attendance
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, string>> {
  let text = ''
  for await (const chunk of request) text += chunk
  return JSON.parse(text)
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
