import { join } from 'node:path'
import type { Test } from 'tap'
import type { Execution } from '../../src/executions/execution.ts'
import type { Occurrence } from '../../src/triggers/calendar.ts'
import type { Schedule, Trigger } from '../../src/triggers/trigger.ts'
import { allExecutions } from './attempts.ts'
import type { Client } from './client.ts'
import { Clock } from './clock.ts'
import { withDatabase } from './database.ts'
import { testFolder } from './folder.ts'
import type { TestServer } from './server.ts'

/** A schedule that says nothing but what a test says. */
export function scheduleWith(parts: Partial<Schedule>): Schedule {
  return {
    cron: null,
    everyMs: null,
    at: null,
    timezone: 'UTC',
    startAt: null,
    endAt: null,
    exclude: [],
    jitterMs: 0,
    missed: 'latest',
    maxAgeMs: 86_400_000,
    spreadMs: 0,
    ...parts
  }
}

export function utc(time: string): number {
  return Date.parse(`${time}Z`)
}

export const EACH_SECOND = '* * * * * *'

export async function makeSchedule(
  client: Client,
  bot: { id: string },
  schedule: Partial<Schedule>,
  more: Record<string, unknown> = {}
): Promise<Trigger> {
  const body = { bot: bot.id, kind: 'schedule', name: 'schedule', schedule, ...more }
  const answer = await client.post('/api/triggers', body)
  if (answer.status !== 201) throw new Error(`makeSchedule: ${answer.status} ${answer.text}`)
  return answer.body
}

/** What a trigger has started or would have, oldest first. */
export async function startedBy(client: Client, trigger: Pick<Trigger, 'id'>): Promise<Execution[]> {
  const executions = (await allExecutions(client)).filter(({ triggerId }) => triggerId === trigger.id)
  return executions.reverse()
}

/** The slots that a trigger started something for, oldest first. */
export async function slotsStarted(client: Client, trigger: Pick<Trigger, 'id'>): Promise<number[]> {
  const slots = (await startedBy(client, trigger)).filter(({ state }) => state !== 'skipped')
  return slots.map(({ occasion }) => Number(occasion)).sort((a, b) => a - b)
}

/** All that is known of the slots of a trigger, as it lies in the database. */
export function slotsKept(
  dataDir: string,
  { id }: Pick<Trigger, 'id'>
): (Pick<Occurrence, 'at' | 'dueAt' | 'reason' | 'executionId'> & { state: string })[] {
  return withDatabase(
    dataDir,
    db =>
      db
        .prepare(
          'SELECT slot_at "at", due_at dueAt, state, reason, execution_id executionId FROM occurrences WHERE trigger_id = ? ORDER BY slot_at'
        )
        .all(id) as ReturnType<typeof slotsKept>
  )
}

/** A server whose machine's clock says so, in milliseconds since 1970, and what sets that clock. */
export async function serverAt(
  t: Test,
  time: number,
  dataDir = join(testFolder(t, { data: {} }), 'data')
): Promise<{ server: TestServer; setTo: (time: number) => Promise<void> }> {
  const clock = new Clock(t)
  const set = (time: number) => clock.set(Math.round((time - Date.now()) / 1000))
  set(time)
  const server = await clock.startServer(t, dataDir)
  const setTo = async (time: number) => {
    set(time)
    // Whoever was signed in for minutes is not after an hour.
    await server.signIn()
  }
  return { server, setTo }
}

/** Has a schedule have started so many executions, one each `stepMs`, the last of them so long before a time. */
export function fillSlots(
  dataDir: string,
  { id }: Pick<Trigger, 'id'>,
  { count, before, stepMs }: { count: number; before: number; stepMs: number }
): void {
  withDatabase(dataDir, db =>
    db
      .prepare(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO occurrences (trigger_id, slot_at, due_at, state, settled_at)
         SELECT ?, ? - i * ?, ? - i * ?, 'started', 1 FROM n`
      )
      .run(count, id, before, stepMs, before, stepMs)
  )
}
