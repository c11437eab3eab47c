import t from 'tap'
import { MAX_EXCLUDED, scheduleProblems } from '../../src/triggers/schedule-problems.ts'
import type { Schedule } from '../../src/triggers/trigger.ts'
import { scheduleWith, utc } from '../support/schedules.ts'

const NOW = utc('2026-01-01T12:00:00')

function problemsOf(parts: Partial<Schedule>): string[] {
  return scheduleProblems(scheduleWith(parts), NOW).map(({ path, message }) => `${path}: ${message}`)
}

t.test('takes the cron expressions that people write', async t => {
  for (const cron of [
    '* * * * *',
    '*/5 * * * *',
    '0 9 * * 1-5',
    '0 9 * * MON-FRI',
    '30 2 1 jan,jul *',
    '*/10 * * * * *',
    '0 0 29 2 *',
    '0 0 L * *',
    '0 0 * * FRI#2',
    '0 0 13 * +FRI',
    '0 0 * * 7',
    '0-30/10 * * * *',
    '*/7 * * * *',
    ' 0  9 * * *',
    '@daily',
    '@Hourly'
  ])
    t.same(problemsOf({ cron }), [], cron)
})

t.test('refuses what is no cron expression, or one of another kind', async t => {
  for (const cron of [
    '',
    'every day',
    '* * * *',
    '0 0 0 1 1 * 2026',
    '60 * * * *',
    '0 24 * * *',
    '0 0 0 * *',
    '0 0 * 13 *',
    '0 0 * * 8',
    '0 0 * * MONDAY',
    '22-4 * * * *',
    '1,,2 * * * *',
    '5/15 * * * *',
    '*/0 * * * *',
    '@reboot',
    '@fortnightly',
    '2026-05-01T09:00:00',
    '0\t9 * * *',
    '0\n9 * * *',
    '１ * * * *'
  ])
    t.match(problemsOf({ cron }), [/^\/cron: /], JSON.stringify(cron))
})

t.test('refuses steps that do not mean what they look like', async t => {
  t.match(problemsOf({ cron: '*/90 * * * *' }), [/not run every 90 minutes/])
  t.match(problemsOf({ cron: '*/45 * * * *' }), [/write 0,45/])
  t.match(problemsOf({ cron: '*/40 * * * * *' }), [/40 seconds/])
  t.match(problemsOf({ cron: '0 */13 * * *' }), [/13 hours/])
  t.match(problemsOf({ cron: '0 9-17/10 * * *' }), [/hour 9 only/])
  t.same(problemsOf({ cron: '*/60 * * * *' }), [], 'every hour, as it says')
  t.same(problemsOf({ cron: '0 */12 * * *' }), [])
})

t.test('refuses what never comes', async t => {
  const startAt = utc('2026-03-01T00:00:00')
  t.match(problemsOf({ cron: '0 0 30 2 *' }), [/^\/cron: never comes/])
  t.match(problemsOf({ cron: '0 0 31 4,6,9,11 *' }), [/never comes/])
  t.match(problemsOf({ cron: '0 0 29 2 *', endAt: utc('2027-01-01T00:00:00') }), [/never comes/])
  t.match(problemsOf({ cron: '0 0 * * *', endAt: NOW - 1 }), [/never comes/])
  t.match(problemsOf({ cron: '0 0 1 3 *', startAt, endAt: startAt + 1, exclude: ['2026-03-01'] }), [/never comes/])
  t.match(problemsOf({ everyMs: 60_000, startAt: NOW - 1000, endAt: NOW }), [/^\/endAt: never comes/])
  t.match(problemsOf({ at: NOW }), [/^\/at: never comes/])
  t.same(problemsOf({ at: NOW + 1 }), [])
})

t.test('asks for exactly one of cron, everyMs and at', async t => {
  t.match(problemsOf({}), [/not none/])
  t.match(problemsOf({ cron: '* * * * *', at: NOW + 1 }), [/not 2/])
  t.same(problemsOf({ everyMs: 1000, startAt: NOW }), [])
  t.match(problemsOf({ everyMs: 999, startAt: NOW }), [/^\/everyMs: /])
})

t.test('takes a time zone by its name only', async t => {
  for (const timezone of ['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'Asia/Calcutta'])
    t.same(problemsOf({ cron: '@daily', timezone }), [], timezone)
  for (const timezone of ['', '+02:00', 'Mars/Phobos', '../Europe/Berlin', 'Europe/Berlin\0', 'local'])
    t.match(problemsOf({ cron: '@daily', timezone }), [/^\/timezone: /], JSON.stringify(timezone))
})

t.test('takes dates and times that there are, in an order that makes sense', async t => {
  for (const date of ['2026-02-30', '2026-13-01', '26-01-01', '2026-1-1', 'Christmas', '2026-12-25T00:00'])
    t.match(problemsOf({ cron: '@daily', exclude: ['2028-02-29', date] }), [/^\/exclude\/1: /], date)
  const many = Array.from({ length: MAX_EXCLUDED + 1 }, () => '2026-12-25')
  t.match(problemsOf({ cron: '@daily', exclude: many }), [/^\/exclude: /])
  t.match(problemsOf({ cron: '@daily', startAt: NOW, endAt: NOW }), [/^\/endAt: /])
  t.match(problemsOf({ at: Number.MAX_SAFE_INTEGER }), [/^\/at: must be a time/])
})

t.test('an expression as long as one pleases is refused for its length, not taken apart', async t => {
  t.match(problemsOf({ cron: `${'0,'.repeat(200)}0 * * * *` }), [/longer than/])
  t.match(problemsOf({ cron: `@${'x'.repeat(1_000_000)}` }), [/longer than/])
})
