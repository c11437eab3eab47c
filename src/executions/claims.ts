/** Which of the executions that wait runs next, and its attempt's beginning: the SQL of a claim. */
import { sql, type Transaction } from 'kysely'
import type { Database } from '../db/schema.ts'
import { newId } from '../lib/ids.ts'
import { countIn } from './lanes.ts'
import { CLAIM_COLUMNS, type Claim, toClaim } from './rows.ts'

/** Claims in one step: no more, so that whoever else wants the database need not wait long. */
export const MAX_CLAIMS = 32

/** How much may run. */
export interface Room {
  /** Attempts that may run at a time on this machine. */
  machine: number
  now: number
}

/**
 * Takes what may run now and gives each its next attempt: of the highest priority first, then of the bot that runs the
 * fewest, then the oldest. What waits for its next attempt may run when its time has come. Of a bot run no more than
 * its limit, and no two with the same key; a trial of a bot counts as one of its executions, as it works in the same
 * folder. At most {@link MAX_CLAIMS}: fewer when no more may run.
 */
export async function claimAll(trx: Transaction<Database>, { machine, now }: Room): Promise<Claim[]> {
  const room = Math.min(machine - (await countIn(trx, 'running')), MAX_CLAIMS)
  const claimed: Claim[] = []
  while (claimed.length < room) {
    const next = await nextToRun(trx, now)
    if (!next) break
    claimed.push(await startAttempt(trx, next, now))
  }
  return claimed
}

interface NextToRun {
  id: string
  attempts: number
  timeout_ms: number
  idle_timeout_ms: number | null
  kill_grace_ms: number
  terminal: number
  input: number
  limits: string
}

/** Bots are looked at one by one, each by what its index says is next: those that wait may be thousands. */
async function nextToRun(trx: Transaction<Database>, now: number): Promise<NextToRun | undefined> {
  const { rows } = await sql<NextToRun>`
    WITH active AS (SELECT bot_id, bot_slug, concurrency_key FROM executions WHERE state = 'running')
    SELECT waiting.id, candidates.timeout_ms, candidates.idle_timeout_ms, candidates.kill_grace_ms,
      candidates.terminal, candidates.input, candidates.limits,
      (SELECT count(*) FROM attempts WHERE execution_id = waiting.id) AS attempts
    FROM (
      SELECT bots.*,
        (SELECT count(*) FROM active
          WHERE active.bot_id = bots.id OR active.bot_slug = coalesce(bots.trial_of, bots.slug)) AS running,
        (SELECT e.id FROM executions AS e
          WHERE e.state = 'queued' AND e.bot_id = bots.id
            AND (e.not_before IS NULL OR e.not_before <= ${now})
            AND (e.concurrency_key IS NULL OR NOT EXISTS (
              SELECT 1 FROM active
              WHERE active.concurrency_key = e.concurrency_key
                AND (active.bot_id = e.bot_id OR active.bot_slug = e.bot_slug)))
          ORDER BY e.priority DESC, e.id LIMIT 1) AS next_id
      FROM bots
      WHERE EXISTS (SELECT 1 FROM executions AS e WHERE e.state = 'queued' AND e.bot_id = bots.id)
    ) AS candidates
    JOIN executions AS waiting ON waiting.id = candidates.next_id
    WHERE candidates.running < candidates.concurrency_limit
    ORDER BY waiting.priority DESC, candidates.running, waiting.id
    LIMIT 1`.execute(trx)
  return rows[0]
}

async function startAttempt(trx: Transaction<Database>, next: NextToRun, now: number): Promise<Claim> {
  const execution = await trx
    .updateTable('executions')
    .set(({ fn, val }) => ({
      state: 'running',
      reason: null,
      not_before: null,
      started_at: fn.coalesce('started_at', val(now))
    }))
    .where('id', '=', next.id)
    .returning(CLAIM_COLUMNS)
    .executeTakeFirstOrThrow()
  const attempt = {
    id: newId(),
    execution_id: next.id,
    number: next.attempts + 1,
    started_at: now,
    deadline_at: now + next.timeout_ms,
    idle_timeout_ms: next.idle_timeout_ms,
    kill_grace_ms: next.kill_grace_ms,
    terminal: next.terminal,
    input: next.input,
    limits: next.limits,
    log_bytes: 0
  }
  await trx.insertInto('attempts').values(attempt).execute()
  return toClaim({ ...attempt, ...execution, ending: null })
}
