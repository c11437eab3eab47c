/** Puts the example into a Botyard: two bots, their secret, when they run, and who hears of it. Run again, it changes what is there. */
import { join } from 'node:path'
import { type Botyard, botyardFromEnvironment } from '../support/botyard.ts'

const MINUTE = 60_000

export interface Settings {
  /** Where the attendance system is. */
  url: string
  user: string
  password: string
  /** The topic of ntfy to which it tells how the day went, and the server of it; null for nobody. */
  ntfy: { topic: string; server?: string } | null
  /** Between one attempt and the next. */
  backoffMs?: number
}

const ZONE = 'Asia/Jakarta'

/** Monday to Friday, at a moment by chance: from so late on, within so many minutes. */
const TIMES = {
  in: { cron: '40 8 * * 1-5', minutes: 20, lateMs: 3 * 60 * MINUTE },
  out: { cron: '0 18 * * 1-5', minutes: 60, lateMs: 4 * 60 * MINUTE }
}

export async function install(botyard: Botyard, settings: Settings): Promise<void> {
  await botyard.putSecret('ATTENDANCE_PASSWORD', settings.password, 'Of the attendance system')
  for (const what of ['in', 'out'] as const) {
    const slug = `clock-${what}`
    await botyard.putBot({
      slug,
      name: `Clock ${what}`,
      description: `Clocks ${what}, unless that is done for today.`,
      command: [process.execPath, join(import.meta.dirname, 'clock.ts'), what],
      env: { ATTENDANCE_URL: settings.url, ATTENDANCE_USER: settings.user },
      secrets: ['ATTENDANCE_PASSWORD'],
      timeoutMs: 2 * MINUTE,
      concurrency: { policy: 'skip' },
      retry: { maxAttempts: 3, backoffMs: settings.backoffMs ?? MINUTE, on: ['exit_code', 'wall_clock'] },
      tags: ['example']
    })
    const { cron, minutes, lateMs } = TIMES[what]
    await botyard.putTrigger({
      bot: slug,
      kind: 'schedule',
      name: 'Workdays',
      schedule: { cron, timezone: ZONE, jitterMs: minutes * MINUTE - 1, missed: 'latest', maxAgeMs: lateMs }
    })
  }
  if (settings.ntfy) await tell(botyard, settings.ntfy)
}

/** On a good day one message, when all is done. On a bad one as well what went wrong, once for each bot. */
async function tell(botyard: Botyard, settings: object): Promise<void> {
  const { id } = await botyard.putChannel({ kind: 'ntfy', name: 'Attendance', settings })
  const rule = { channelIds: [id], quietMs: 12 * 60 * MINUTE, logLines: 1 }
  await botyard.putRule({ ...rule, name: 'The day is done', bot: 'clock-out', events: ['succeeded'] })
  for (const bot of ['clock-in', 'clock-out'])
    await botyard.putRule({ ...rule, name: `Not done: ${bot}`, bot, events: ['failed', 'slot_missed'] })
}

if (import.meta.main) {
  const { ATTENDANCE_URL: url, ATTENDANCE_USER: user, ATTENDANCE_PASSWORD: password, NTFY_TOPIC: topic } = process.env
  if (!url || !user || !password) throw new Error('Set ATTENDANCE_URL, ATTENDANCE_USER and ATTENDANCE_PASSWORD.')
  const botyard = botyardFromEnvironment()
  await install(botyard, { url, user, password, ntfy: topic ? { topic } : null })
  console.log(`Clock in and clock out are at ${botyard.url}/bots/clock-in and ${botyard.url}/bots/clock-out`)
}
