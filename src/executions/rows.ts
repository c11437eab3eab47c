/** Executions and attempts as they lie in the database, and as everybody else knows them. */

import type { EndCause, LiveAttemptRecord } from '../attempts/attempt.ts'
import type { ParameterValues } from '../bots/bot.ts'
import type { AttemptRow, ExecutionRow } from '../db/schema.ts'
import type { Attempt, Execution, Trigger } from './execution.ts'

/** An attempt that is to run or runs, with what it takes to launch it. */
export interface Claim extends LiveAttemptRecord {
  trigger: Trigger
  parameters: ParameterValues
  concurrencyKey: string | null
  trial: boolean
  payloadBytes: number | null
}

/** The columns of its execution that a claim takes. */
export const CLAIM_COLUMNS = [
  'executions.bot_id',
  'executions.trigger',
  'executions.parameters',
  'executions.concurrency_key',
  'executions.trial',
  'executions.payload_bytes'
] as const

export function toClaim(
  row: Pick<
    AttemptRow,
    | 'id'
    | 'number'
    | 'execution_id'
    | 'started_at'
    | 'deadline_at'
    | 'idle_timeout_ms'
    | 'kill_grace_ms'
    | 'terminal'
    | 'ending'
  > &
    Pick<ExecutionRow, 'bot_id' | 'trigger' | 'parameters' | 'concurrency_key' | 'trial' | 'payload_bytes'>
): Claim {
  return {
    id: row.id,
    number: row.number,
    executionId: row.execution_id,
    // What waits or runs keeps its bot from being deleted.
    botId: row.bot_id!,
    startedAt: row.started_at,
    deadlineAt: row.deadline_at,
    idleTimeoutMs: row.idle_timeout_ms,
    killGraceMs: row.kill_grace_ms,
    terminal: row.terminal === 1,
    ending: row.ending as EndCause | null,
    trigger: row.trigger as Trigger,
    parameters: JSON.parse(row.parameters),
    concurrencyKey: row.concurrency_key,
    trial: row.trial === 1,
    payloadBytes: row.payload_bytes
  }
}

/** The columns of an execution but its outputs, which may be much. */
export const LISTED_COLUMNS = [
  ...CLAIM_COLUMNS,
  'executions.id',
  'executions.bot_slug',
  'executions.state',
  'executions.reason',
  'executions.detail',
  'executions.started_by',
  'executions.queued_at',
  'executions.started_at',
  'executions.ended_at',
  'executions.exit_code',
  'executions.priority',
  'executions.not_before',
  'executions.rerun_of',
  'executions.trigger_id',
  'executions.occasion',
  'executions.depth'
] as const

export type ListedRow = Omit<ExecutionRow, 'outputs'> & { bot_name: string | null; trigger_name: string | null }

/** An execution as a list shows it. */
export function fromRow(row: ListedRow, attempts: AttemptRow[]): Execution {
  return {
    id: row.id,
    botId: row.bot_id,
    botSlug: row.bot_slug,
    botName: row.bot_name,
    state: row.state as Execution['state'],
    reason: row.reason as Execution['reason'],
    detail: row.detail,
    trigger: row.trigger as Execution['trigger'],
    triggerId: row.trigger_id,
    triggerName: row.trigger_name,
    occasion: row.occasion,
    payloadBytes: row.payload_bytes,
    depth: row.depth,
    by: row.started_by,
    parameters: JSON.parse(row.parameters),
    attempts: attempts.map(fromAttemptRow),
    queuedAt: row.queued_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    exitCode: row.exit_code,
    priority: row.priority,
    concurrencyKey: row.concurrency_key,
    notBefore: row.not_before,
    rerunOf: row.rerun_of,
    trial: row.trial === 1
  }
}

function fromAttemptRow(row: AttemptRow): Attempt {
  return {
    number: row.number,
    pid: row.pid,
    exitCode: row.exit_code,
    signal: row.signal,
    ending: row.ending as Attempt['ending'],
    terminal: row.terminal === 1,
    input: row.input === 1,
    limits: JSON.parse(row.limits),
    state: row.state as Attempt['state'],
    reason: row.reason as Attempt['reason'],
    detail: row.detail,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    logBytes: row.log_bytes,
    cpuMs: row.cpu_ms,
    maxMemoryBytes: row.max_memory_bytes,
    maxPids: row.max_pids
  }
}
