import type { Kysely } from 'kysely'
import { SERVER } from '../audit/audit.ts'
import { record } from '../audit/store.ts'
import type { Database } from '../db/schema.ts'

const RAN = 'It ran when the backup was made that this server was restored from; how it ended is not known.'
const NOT_SENT = 'It waited when the backup was made that this server was restored from, and may have been sent since.'

/** What it came to, of what was under way when the backup was made. */
export interface Settled {
  lost: number
  queued: number
  notices: number
}

/**
 * Makes of the database of a backup one to go on with. What ran then is lost; what waited to be sent, and may have been sent
 * since, waits no more; who was signed in signs in again, as refresh tokens have been used up since. And nothing starts before
 * somebody has looked around: the machine is drained.
 * @param logBytes how much of an attempt's log there is, by its id.
 */
export function settleRestored(
  db: Kysely<Database>,
  { backupAt, now, hostname }: { backupAt: number; now: number; hostname: string },
  logBytes: (attemptId: string) => number
): Promise<Settled> {
  return db.transaction().execute(async trx => {
    const lost = { state: 'lost', reason: 'restored', detail: RAN, ended_at: backupAt }
    const attempts = await trx.selectFrom('attempts').select('id').where('ended_at', 'is', null).execute()
    for (const { id } of attempts)
      await trx
        .updateTable('attempts')
        .set({ ...lost, log_bytes: logBytes(id) })
        .where('id', '=', id)
        .execute()
    const executions = await trx.updateTable('executions').set(lost).where('state', '=', 'running').executeTakeFirst()
    const notices = await trx
      .updateTable('notices')
      .set({ state: 'failed', detail: NOT_SENT, next_at: null, settled_at: now })
      .where('state', '=', 'waiting')
      .executeTakeFirst()
    await trx.updateTable('sessions').set({ ended_at: now }).where('ended_at', 'is', null).execute()
    await trx.deleteFrom('password_links').execute()
    for (const [name, value] of [
      ['draining', 'true'],
      ['restored_from', String(backupAt)]
    ] as const) {
      const row = { name, value }
      await trx
        .insertInto('settings')
        .values(row)
        .onConflict(c => c.column('name').doUpdateSet({ value }))
        .execute()
    }
    await record(trx, {
      actor: SERVER,
      action: 'machine.restored',
      subject: { type: 'machine', id: null, name: hostname },
      after: { backupAt }
    })
    const { queued } = await trx
      .selectFrom('executions')
      .select(({ fn }) => fn.countAll<number>().as('queued'))
      .where('state', '=', 'queued')
      .executeTakeFirstOrThrow()
    return { lost: Number(executions.numUpdatedRows), queued, notices: Number(notices.numUpdatedRows) }
  })
}
