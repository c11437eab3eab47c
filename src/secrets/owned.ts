/**
 * Secrets that belong to something, as a webhook's key does: they are kept and sealed like those that bots are given, under
 * names no bot can name, are in no list, and go with their owner.
 */
import type { Kysely } from 'kysely'
import type { Database } from '../db/schema.ts'

/** `kind:id` of the owner. */
export type OwnedName = `${'trigger' | 'channel'}:${string}`

export function isOwned(name: string): name is OwnedName {
  return name.includes(':')
}

/** Keeps it in the transaction that makes or changes its owner. */
export async function keepOwned(trx: Kysely<Database>, name: OwnedName, sealed: Buffer, now: number): Promise<void> {
  await trx
    .insertInto('secrets')
    .values({ name, sealed, description: '', created_at: now, updated_at: now, last_used_at: null })
    .onConflict(c => c.column('name').doUpdateSet({ sealed, updated_at: now }))
    .execute()
}

export async function forgetOwned(trx: Kysely<Database>, name: OwnedName): Promise<void> {
  await trx.deleteFrom('secrets').where('name', '=', name).execute()
}
