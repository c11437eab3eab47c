/**
 * The bot: clocks in or out, unless that is done for today. It keeps its session in the folder it works in, and signs in when
 * there is none or the one there was has run out. Anything else that goes wrong is an exit code, and Botyard tries again.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'

const SESSION = 'session'
const ZONE = 'Asia/Jakarta'

const {
  ATTENDANCE_URL: url,
  ATTENDANCE_USER: user,
  ATTENDANCE_PASSWORD: password,
  BOTYARD_OUTPUT: output
} = process.env
const what = process.argv[2]
if (what !== 'in' && what !== 'out') throw new Error('Say `in` or `out`.')

const now = new Date()
/** Sweden writes dates and times as ISO 8601 does. */
const [date, time] = now.toLocaleString('sv-SE', { timeZone: ZONE }).split(' ') as [string, string]

let session = keptSession()
let day = await ask('GET', `/attendance?date=${date}`)
const done: string | null = day[what]
if (done) {
  console.log(`Clocked ${what} already, at ${done}.`)
} else {
  day = await ask('POST', '/attendance', { date, what, time })
  console.log(`Clocked ${what} at ${time}.`)
}
console.log(`Today: in ${day.in ?? 'not yet'}, out ${day.out ?? 'not yet'}.`)
if (output) appendFileSync(output, `date=${date}\nin=${day.in ?? ''}\nout=${day.out ?? ''}\nalready=${done !== null}\n`)

/** Asks as somebody who is signed in, and once more with a new session when the one there was has run out. */
async function ask(method: string, path: string, body?: unknown): Promise<Record<'in' | 'out', string | null>> {
  session ||= await signIn()
  let answer = await send(method, path, body)
  if (answer.status === 401) {
    console.log('The session has run out.')
    session = await signIn()
    answer = await send(method, path, body)
  }
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Record<'in' | 'out', string | null>
}

async function signIn(): Promise<string> {
  console.log(`Signing in as ${user}.`)
  const answer = await send('POST', '/login', { user, password })
  if (!answer.ok) throw new Error(`The sign-in was refused: ${answer.status} ${await answer.text()}`)
  const { token } = (await answer.json()) as { token: string }
  // Whoever reads this log is not to find it there.
  console.log(`::add-mask::${token}`)
  writeFileSync(SESSION, token, { mode: 0o600 })
  return token
}

function send(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${session}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000)
  })
}

function keptSession(): string {
  try {
    return readFileSync(SESSION, 'utf8').trim()
  } catch {
    return '' // the first time
  }
}
