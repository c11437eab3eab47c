import { type Kysely, sql, type Transaction } from 'kysely'
import { noteUpload } from '../artifacts/upload-store.ts'
import type { EndCause } from '../attempts/attempt.ts'
import type { Outcome } from '../attempts/judgement.ts'
import type { UsageSummary } from '../attempts/usage.ts'
import type { Change } from '../audit/audit.ts'
import { record } from '../audit/store.ts'
import type { Bot } from '../bots/bot.ts'
import type { Database } from '../db/schema.ts'
import { noteEnd } from '../happenings/store.ts'
import { type Admission, admit } from './admission.ts'
import { claimAll, type Room } from './claims.ts'
import type { Execution } from './execution.ts'
import { findKey, type Idempotency, KEY_MS, keepKey } from './idempotency.ts'
import {
  type AttemptToEnd,
  countIn,
  findByOccasion,
  insertExecution,
  lastOf,
  markReplaced,
  replaceQueued,
  unfinishedInLane
} from './lanes.ts'
import { CLAIM_COLUMNS, type Claim, toClaim } from './rows.ts'

/** What an attempt's end is kept with. */
export interface AttemptEnd extends Outcome {
  endedAt: number
  pid: number | null
  logBytes: number
  outputs: Record<string, string>
  usage: UsageSummary | null
  /** When the next attempt may begin; null when there is none, so that the execution ends as the attempt did. */
  retryAt: number | null
}

export type Enqueued =
  | Exclude<Admission, { kind: 'queued' }>
  /** `cancelled` waited and never run; `ending` run and are to be ended; `claimed` run from now on. */
  | { kind: 'queued'; cancelled: string[]; ending: AttemptToEnd[]; claimed: Claim[] | null }
  /** The same was asked for before. */
  | { kind: 'repeated'; executionId: string }
  | { kind: 'key_reused' }
  /** The bot was deleted or disabled meanwhile. */
  | { kind: 'gone' }

/** How an execution is let in. */
export interface Entry {
  bot: Bot
  maxQueued: number
  idempotency: Idempotency | null
  /** JSON text that it is given; null for none. */
  payload: string | null
  /** It is only written down as skipped, for this. */
  skip: Extract<Admission, { kind: 'skipped' }> | null
  /** What is to be written down with it in the audit log; null where the execution itself says enough. */
  note: Change | null
  room: () => Room | null
}

/** What becomes of executions: written down in steps that are whole or not at all. */
export class ExecutionStore {
  readonly #db: Kysely<Database>
  readonly #uploads: boolean

  /** `uploads`: whether what attempts leave is to be brought to a bucket. */
  constructor(db: Kysely<Database>, { uploads = false }: { uploads?: boolean } = {}) {
    this.#db = db
    this.#uploads = uploads
  }

  /**
   * Adds an execution to the queue, or to the history as skipped, as admission says at this moment. With policy `replace`,
   * those that give way to it are cancelled or marked as to be ended in the same step; and where `room` says that there is
   * some, what may run is claimed.
   */
  enqueue(execution: Execution, { bot, maxQueued, idempotency, payload, skip, note, room }: Entry): Promise<Enqueued> {
    return this.#db.transaction().execute(async trx => {
      const started = execution.triggerId && (await findByOccasion(trx, execution))
      if (started) return { kind: 'repeated', executionId: started.id }
      const earlier = idempotency && (await findKey(trx, idempotency, execution.queuedAt))
      if (earlier) {
        if (earlier.request_hash !== idempotency.requestHash) return { kind: 'key_reused' }
        return { kind: 'repeated', executionId: earlier.execution_id }
      }
      // Who waits for his turn in any case need not know who else is there.
      const lane = bot.concurrency.policy === 'queue' ? [] : await unfinishedInLane(trx, execution)
      const { depth } = execution
      const load = { queued: await countIn(trx, 'queued'), maxQueued, unfinished: lane.length, depth }
      const admission = skip ?? admit(bot, load)
      if (admission.kind === 'rejected') return admission
      if (!(await insertExecution(trx, execution, admission))) return { kind: 'gone' }
      if (idempotency) await keepKey(trx, idempotency, execution)
      if (payload !== null)
        await trx.insertInto('payloads').values({ execution_id: execution.id, json: payload }).execute()
      if (note) await record(trx, note)
      if (admission.kind === 'skipped') return admission
      const giveWay = lane.slice(0, admission.replaces)
      const cancelled = giveWay.filter(({ state }) => state === 'queued').map(({ id }) => id)
      const running = giveWay.filter(({ state }) => state === 'running').map(({ id }) => id)
      await replaceQueued(trx, cancelled, execution.queuedAt)
      const ending = await markReplaced(trx, running)
      return { kind: 'queued', cancelled, ending, claimed: await claimIn(trx, room()) }
    })
  }

  /** Takes what may run now, as {@link claimAll} chooses it; null where `room` says that nothing may. */
  claim(room: () => Room | null): Promise<Claim[] | null> {
    return this.#db.transaction().execute(trx => claimIn(trx, room()))
  }

  /** Forgets idempotency keys that no longer say anything. */
  async forgetKeys(now: number): Promise<void> {
    await this.#db
      .deleteFrom('idempotency_keys')
      .where('created_at', '<=', now - KEY_MS)
      .execute()
  }

  /**
   * When the first attempt may begin whose time has not come; null when none waits. Where it has come and there is no room,
   * whoever makes room claims it.
   */
  async nextRetryAt(now: number): Promise<number | null> {
    const row = await this.#db
      .selectFrom('executions')
      .select('not_before')
      .where('not_before', '>', now)
      .orderBy('not_before')
      .limit(1)
      .executeTakeFirst()
    return row?.not_before ?? null
  }

  /** Somebody has set the clock by so many milliseconds; whoever waits for his next attempt waits as long as before. */
  async shiftRetries(ms: number): Promise<void> {
    await this.#db
      .updateTable('executions')
      .set({ not_before: sql`not_before + ${ms}` })
      .where('not_before', 'is not', null)
      .execute()
  }

  /** Everything that was running when the last server stopped, oldest first. */
  async running(): Promise<Claim[]> {
    const rows = await this.#db
      .selectFrom('attempts')
      .innerJoin('executions', 'executions.id', 'attempts.execution_id')
      .selectAll('attempts')
      .select(CLAIM_COLUMNS)
      .where('executions.state', '=', 'running')
      .where('attempts.ended_at', 'is', null)
      .orderBy('attempts.id')
      .execute()
    return rows.map(toClaim)
  }

  /** Cancels what waits. Of what runs it is kept that it is to be ended, and that no attempt follows. Null when it has ended. */
  cancel(id: string, now: number, change: Change): Promise<'cancelled' | AttemptToEnd | null> {
    return this.#db.transaction().execute(async trx => {
      const waited = await trx
        .updateTable('executions')
        .set({ state: 'cancelled', reason: 'requested', ended_at: now, not_before: null })
        .where('id', '=', id)
        .where('state', '=', 'queued')
        .executeTakeFirst()
      if (waited.numUpdatedRows === 1n) {
        await noteEnd(trx, id, now)
        await forgetTrial(trx, id)
        await record(trx, change)
        return 'cancelled'
      }
      const runs = await trx
        .updateTable('attempts')
        .set({ ending: lastOf('cancel') })
        .where('execution_id', '=', id)
        .where('ended_at', 'is', null)
        .returning(['id', 'execution_id as executionId'])
        .executeTakeFirst()
      if (runs) await record(trx, change)
      return runs ?? null
    })
  }

  /** Writes down that somebody types to an attempt, unless that is written down. */
  noteTyping(change: Change): Promise<void> {
    const { actor, action, subject, after } = change
    return this.#db.transaction().execute(async trx => {
      const noted = await trx
        .selectFrom('audit')
        .select('id')
        .where('subject_id', '=', subject.id)
        .where('action', '=', action)
        .where('actor_id', '=', actor.id)
        .where('after', '=', JSON.stringify(after))
        .executeTakeFirst()
      if (!noted) await record(trx, change)
    })
  }

  /** Keeps why an attempt is being ended. False when another cause was first, which stands. */
  async setEnding(attemptId: string, cause: EndCause): Promise<boolean> {
    const result = await this.#db
      .updateTable('attempts')
      .set({ ending: cause })
      .where('id', '=', attemptId)
      .where('ending', 'is', null)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  }

  /**
   * Ends an attempt, and its execution unless another attempt follows. When somebody ended it first, that outcome stands and
   * ours is dropped. Where `room` says that there is some, what may run now is claimed in the same step, and answered.
   */
  finish(
    attempt: Pick<Claim, 'id' | 'executionId' | 'trial'>,
    end: AttemptEnd,
    room: () => Room | null
  ): Promise<Claim[] | null> {
    return this.#db.transaction().execute(async trx => {
      const { state, reason, detail, exitCode } = end
      const ended = await trx
        .updateTable('attempts')
        .set({
          state,
          reason,
          detail,
          ended_at: end.endedAt,
          exit_code: exitCode,
          signal: end.signal,
          pid: end.pid,
          log_bytes: end.logBytes,
          cpu_ms: end.usage?.cpuMs ?? null,
          max_memory_bytes: end.usage?.maxMemoryBytes ?? null,
          max_pids: end.usage?.maxPids ?? null
        })
        .where('id', '=', attempt.id)
        .where('ended_at', 'is', null)
        .executeTakeFirst()
      if (ended.numUpdatedRows !== 1n) return null
      if (this.#uploads) await noteUpload(trx, attempt, end.endedAt)
      const outcome = await whatFollows(trx, attempt.id, end)
      await trx
        .updateTable('executions')
        .set({ ...outcome, outputs: JSON.stringify(end.outputs) })
        .where('id', '=', attempt.executionId)
        .where('state', '=', 'running')
        .execute()
      if (outcome.state !== 'queued') await noteEnd(trx, attempt.executionId, end.endedAt)
      if (attempt.trial) await forgetTrial(trx, attempt.executionId)
      return claimIn(trx, room())
    })
  }
}

/** What an execution comes to with the end of an attempt: another one, unless somebody has asked meanwhile that it be ended. */
async function whatFollows(trx: Transaction<Database>, attemptId: string, end: AttemptEnd) {
  const { state, reason, detail, exitCode, endedAt, retryAt } = end
  const ended = { state, reason, detail, exit_code: exitCode, ended_at: endedAt, not_before: null }
  if (retryAt === null) return ended
  const attempt = trx.selectFrom('attempts').select('ending').where('id', '=', attemptId)
  switch ((await attempt.executeTakeFirstOrThrow()).ending) {
    case 'cancel':
      return { ...ended, state: 'cancelled', reason: 'requested', detail: null }
    case 'replace':
      return { ...ended, state: 'cancelled', reason: 'replaced', detail: null }
    default:
      return { state: 'queued', reason: 'retry_wait', detail: null, not_before: retryAt }
  }
}

/** Null where nothing may be claimed. */
async function claimIn(trx: Transaction<Database>, room: Room | null): Promise<Claim[] | null> {
  return room && claimAll(trx, room)
}

/** Once an execution has ended, the bot that was only tried by it goes. */
async function forgetTrial(trx: Transaction<Database>, executionId: string): Promise<void> {
  await trx
    .deleteFrom('bots')
    .where('trial_of', 'is not', null)
    .where('id', '=', db =>
      db.selectFrom('executions').select('bot_id').where('id', '=', executionId).where('trial', '=', 1)
    )
    .execute()
}
