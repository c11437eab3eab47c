import type { Transaction } from 'kysely'
import type { Database } from '../db/schema.ts'
import type { Execution } from './execution.ts'

/** How somebody asks for an execution so that asking twice makes one. */
export interface Idempotency {
  userId: string
  key: string
  /** Of what is asked for. */
  requestHash: string
}

/** A key says that a request is the same for so long. */
export const KEY_MS = 24 * 3_600_000

export function findKey(trx: Transaction<Database>, { userId, key }: Idempotency, now: number) {
  return (
    trx
      .selectFrom('idempotency_keys')
      // What has been removed from the history is nothing to answer with.
      .innerJoin('executions', 'executions.id', 'idempotency_keys.execution_id')
      .select(['request_hash', 'execution_id'])
      .where('user_id', '=', userId)
      .where('key', '=', key)
      .where('created_at', '>', now - KEY_MS)
      .executeTakeFirst()
  )
}

export async function keepKey(
  trx: Transaction<Database>,
  idempotency: Idempotency,
  execution: Execution
): Promise<void> {
  const { userId, key, requestHash } = idempotency
  const kept = { request_hash: requestHash, execution_id: execution.id, created_at: execution.queuedAt }
  await trx
    .insertInto('idempotency_keys')
    .values({ user_id: userId, key, ...kept })
    .onConflict(c => c.columns(['user_id', 'key']).doUpdateSet(kept))
    .execute()
}
