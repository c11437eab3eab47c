import t, { type Test } from 'tap'
import { ACCOUNT, startAttendance } from '../../examples/clock-in/attendance.ts'
import { install } from '../../examples/clock-in/install.ts'
import { startPhone } from '../../examples/clock-in/phone.ts'
import { Botyard } from '../../examples/support/botyard.ts'
import { buildApp } from '../support/app.ts'
import { ALLOWED } from '../support/notifications.ts'
import { eventually } from '../support/wait.ts'

async function installed(t: Test) {
  const app = await buildApp(t, { config: ALLOWED })
  const phone = await startPhone()
  t.teardown(() => phone.close())
  const attendance = await startAttendance()
  t.teardown(() => attendance.close())
  const ntfy = { topic: 'attendance', server: phone.url }
  const settings = { url: attendance.url, ...ACCOUNT, backoffMs: 1, ntfy }
  const again = () => install(new Botyard(app.url, app.token!), settings)
  await again()
  const run = async (bot: string) => {
    const started = await app.post(`/api/bots/${bot}/executions`)
    t.equal(started.status, 202)
    return app.ended(started.body.id)
  }
  const log = async (id: string) => (await app.get(`/api/executions/${id}/log`)).text
  return { app, attendance, phone, again, run, log }
}

t.test('a POST clocks in once a day, and out', async t => {
  const { attendance, run } = await installed(t)
  const first = await run('clock-in')
  t.match(first, { state: 'succeeded', outputs: { already: 'false', out: '' } })
  const [[date, day]] = [...attendance.days] as [[string, { in: string | null; out: string | null }]]
  t.equal(first.outputs!.date, date)
  t.equal(first.outputs!.in, day.in)
  t.match(await run('clock-in'), { state: 'succeeded', outputs: { already: 'true', in: day.in } })
  t.match(await run('clock-out'), {
    state: 'succeeded',
    outputs: { already: 'false', in: day.in, out: /^\d\d:\d\d:\d\d$/ }
  })
  t.equal(attendance.days.size, 1)
})

t.test('a session that has run out is renewed, and neither it nor the password is in the log', async t => {
  const { attendance, run, log } = await installed(t)
  t.match(await log((await run('clock-in')).id), /^Signing in as ada\.\n/)
  t.notMatch(await log((await run('clock-in')).id), /Signing in/)
  attendance.forgetSessions()
  const renewed = await run('clock-in')
  t.equal(renewed.state, 'succeeded')
  t.equal(renewed.attempts.length, 1)
  const text = await log(renewed.id)
  t.match(text, /The session has run out\.\nSigning in/)
  t.notMatch(text, /[0-9a-f]{32}/)
  t.notMatch(text, ACCOUNT.password)
  t.equal(attendance.signIns, 2)
})

t.test('what fails is tried three times', async t => {
  const { attendance, run } = await installed(t)
  attendance.failNext(2)
  const second = await run('clock-in')
  t.match(second, { state: 'succeeded' })
  t.equal(second.attempts.length, 3)
  attendance.failNext(100)
  const given = await run('clock-out')
  t.match(given, { state: 'failed', reason: 'exit_code' })
  t.equal(given.attempts.length, 3)
})

t.test('a phone is told once a day when all is done, and of each bot that failed', async t => {
  const { app, attendance, phone, run } = await installed(t)
  await run('clock-in')
  await run('clock-out')
  await run('clock-out')
  attendance.failNext(100)
  await run('clock-in')
  const settled = async () => {
    const { items } = (await app.get('/api/notices')).body
    return items.length === 3 && items.every(({ state }: { state: string }) => state !== 'waiting')
  }
  await eventually('all of it to be sent, or kept back', settled)
  t.match(phone.messages, [
    { title: /Clock out/, message: /Today: in \d\d:\d\d:\d\d, out \d\d:\d\d:\d\d\./ },
    { title: /Clock in/ }
  ])
})

t.test('its schedules are due on workdays, at a moment by chance within their time', async t => {
  const { app } = await installed(t)
  const triggers = (await app.get('/api/triggers?kind=schedule')).body.items
  const bots = new Map<string, string>(triggers.map((one: { botSlug: string; id: string }) => [one.botSlug, one.id]))
  for (const [slug, hours] of [
    ['clock-in', /^08:(4\d|5\d)$/],
    ['clock-out', /^18:\d\d$/]
  ] as const) {
    const { items } = (await app.get(`/api/triggers/${bots.get(slug)}/occurrences?count=50`)).body
    t.equal(items.length, 50)
    const times = items.map(({ dueAt }: { dueAt: number }) =>
      new Date(dueAt).toLocaleString('en-GB', {
        timeZone: 'Asia/Jakarta',
        weekday: 'short',
        hour: '2-digit',
        minute: '2-digit'
      })
    )
    for (const time of times) {
      const [day, clock] = time.split(/,? /)
      t.ok(['Mon', 'Tue', 'Wed', 'Thu', 'Fri'].includes(day), time)
      t.match(clock, hours)
    }
    t.ok(new Set(times.map((time: string) => time.slice(-5))).size > 5, 'not always the same')
  }
})

t.test('it can be installed again over itself', async t => {
  const { app, again, run } = await installed(t)
  await app.patch('/api/bots/clock-in', { timeoutMs: 1 })
  await again()
  t.equal((await app.get('/api/triggers')).body.items.length, 2)
  t.equal((await run('clock-in')).state, 'succeeded')
})
