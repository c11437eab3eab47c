/** What is asked and changed when an execution is added to those that wait: the SQL of it. */
import { sql, type Transaction } from 'kysely'
import type { Database } from '../db/schema.ts'
import { noteEnd } from '../happenings/store.ts'
import type { Admission } from './admission.ts'
import type { Execution } from './execution.ts'

/** An attempt that was kept as one to be ended. */
export interface AttemptToEnd {
  id: string
  executionId: string
}

export const countAll = sql<number>`count(*)`.as('count')

/** What a trigger has started for the same occasion before. */
export function findByOccasion(trx: Transaction<Database>, { triggerId, occasion }: Execution) {
  return trx
    .selectFrom('executions')
    .select('id')
    .where('trigger_id', '=', triggerId)
    .where('occasion', '=', occasion)
    .executeTakeFirst()
}

/** False when the bot has been deleted meanwhile, or disabled: what is skipped need not be enabled. */
export async function insertExecution(
  trx: Transaction<Database>,
  execution: Execution,
  admission: Exclude<Admission, { kind: 'rejected' }>
): Promise<boolean> {
  const skipped = admission.kind === 'skipped'
  const values = {
    id: execution.id,
    state: admission.kind,
    reason: skipped ? admission.reason : null,
    detail: skipped ? admission.detail : null,
    trigger: execution.trigger,
    started_by: execution.by,
    parameters: JSON.stringify(execution.parameters),
    queued_at: execution.queuedAt,
    ended_at: skipped ? execution.queuedAt : null,
    trial: execution.trial ? 1 : 0,
    priority: execution.priority,
    concurrency_key: execution.concurrencyKey,
    rerun_of: execution.rerunOf,
    trigger_id: execution.triggerId,
    occasion: execution.occasion,
    payload_bytes: execution.payloadBytes,
    depth: execution.depth
  }
  const columns = Object.keys(values) as (keyof typeof values)[]
  const result = await trx
    .insertInto('executions')
    .columns(['bot_id', 'bot_slug', ...columns])
    .expression(db =>
      db
        .selectFrom('bots')
        .select(({ fn }) => ['bots.id as bot_id', fn.coalesce('bots.trial_of', 'bots.slug').as('bot_slug')])
        .select(({ val }) => columns.map(column => val(values[column]).as(column)))
        .where('bots.id', '=', execution.botId!)
        .where('bots.enabled', 'in', skipped ? [0, 1] : [1])
    )
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** Oldest first. A trial is in its bot's way when it runs, and only then. */
export function unfinishedInLane(trx: Transaction<Database>, { botId, concurrencyKey }: Execution) {
  const ofBot = trx
    .selectFrom('executions')
    .select(['id', 'state'])
    .where('bot_id', '=', botId)
    .where('state', 'in', ['queued', 'running'])
  return (concurrencyKey === null ? ofBot : ofBot.where('concurrency_key', '=', concurrencyKey)).orderBy('id').execute()
}

export async function replaceQueued(trx: Transaction<Database>, ids: string[], now: number): Promise<void> {
  if (ids.length === 0) return
  await trx
    .updateTable('executions')
    .set({ state: 'cancelled', reason: 'replaced', ended_at: now, not_before: null })
    .where('id', 'in', ids)
    .execute()
  for (const id of ids) await noteEnd(trx, id, now)
}

/**
 * Keeps that an attempt is the last of its execution, also where it is being ended for another reason (its time is up), after which
 * one would follow. Who said so first stands.
 */
export function lastOf(cause: 'cancel' | 'replace') {
  return sql<string>`CASE WHEN ending IN ('cancel', 'replace') THEN ending ELSE ${cause} END`
}

/** Of those that run, the attempts to be ended: by their supervisor, by the next server's if this one dies now. */
export async function markReplaced(trx: Transaction<Database>, ids: string[]): Promise<AttemptToEnd[]> {
  if (ids.length === 0) return []
  return trx
    .updateTable('attempts')
    .set({ ending: lastOf('replace') })
    .where('execution_id', 'in', ids)
    .where('ended_at', 'is', null)
    .returning(['id', 'execution_id as executionId'])
    .execute()
}

export async function countIn(trx: Transaction<Database>, state: 'queued' | 'running'): Promise<number> {
  const row = await trx.selectFrom('executions').select(countAll).where('state', '=', state).executeTakeFirstOrThrow()
  return Number(row.count)
}
