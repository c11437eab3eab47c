import t from 'tap'
import type { Schedule } from '../../src/triggers/trigger.ts'
import { inWords } from '../../src/triggers/words.ts'
import { scheduleWith, utc } from '../support/schedules.ts'

t.test('says in a sentence when a schedule runs', async t => {
  const timezone = 'Europe/Berlin'
  const startAt = utc('2026-01-01T08:00:00')
  const table: [Partial<Schedule>, string | RegExp][] = [
    [{ cron: '0 9 * * MON-FRI' }, 'At 09:00, Monday through Friday, UTC time.'],
    [{ cron: '*/5 * * * *', timezone }, 'Every 5 minutes, Europe/Berlin time.'],
    [{ cron: '@HOURLY' }, 'Every hour, UTC time.'],
    [{ cron: '* * * * * *' }, 'Every second, UTC time.'],
    [{ cron: '0 0 l * *' }, 'At 00:00, on the last day of the month, UTC time.'],
    // Cron adds days of the week to days of the month, and the sentence has to say so.
    [{ cron: '0 0 13 * 5' }, 'At 00:00, on day 13 of the month; also at 00:00, only on Friday, UTC time.'],
    [{ cron: '0 0 13 * +5' }, 'At 00:00, on day 13 of the month, only on Friday, UTC time.'],
    [{ cron: '0 0 ? * MON' }, 'At 00:00, only on Monday, UTC time.'],
    [{ cron: '0 0 * * 5#L' }, 'By the cron expression 0 0 * * 5#L, UTC time.'],
    [
      { everyMs: 3_600_000, startAt, timezone },
      'Every hour, Europe/Berlin time, counted from 1 January 2026 at 09:00.'
    ],
    [{ everyMs: 93_784_005, startAt: 5000 }, /^Every 1 day 2 hours 3 minutes 4 seconds 5 milliseconds, .*00:00:05\.$/],
    [{ at: startAt, timezone }, 'Once, on 1 January 2026 at 09:00, Europe/Berlin time.'],
    [{ cron: '@daily', jitterMs: 300_000 }, 'At 00:00, UTC time, up to 5 minutes later by chance.'],
    [{ cron: '@daily', jitterMs: 1_199_999 }, 'At 00:00, UTC time, up to 20 minutes later by chance.'],
    [{ cron: '@daily', jitterMs: 500 }, 'At 00:00, UTC time, up to 500 milliseconds later by chance.'],
    [
      { cron: '@daily', startAt, endAt: startAt + 1000, exclude: ['2026-12-25'] },
      'At 00:00, UTC time, from 1 January 2026 at 08:00, before 1 January 2026 at 08:00:01, not on 2026-12-25.'
    ],
    [{ cron: '@daily', exclude: ['2026-12-25', '2026-12-26'] }, 'At 00:00, UTC time, not on 2 dates.']
  ]
  for (const [parts, sentence] of table) t.match(inWords(scheduleWith(parts)), sentence)
})
