import type { Kysely } from 'kysely'
import type { AuditRow, Database } from '../db/schema.ts'
import { madeAt, newId } from '../lib/ids.ts'
import type { Action, Actor, Change, SubjectType } from './audit.ts'

/** A change that was written down. */
export interface AuditEntry {
  id: string
  at: number
  actor: Actor
  action: Action
  subject: { type: SubjectType; id: string | null; name: string }
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

export interface AuditFilter {
  actor?: string | undefined
  action?: string | undefined
  subject?: string | undefined
  /** Ids at or after this. */
  from?: string | undefined
  /** Ids before this. */
  to?: string | undefined
}

/** Writes a change down, in the transaction that makes it: neither is there without the other. */
export async function record(trx: Kysely<Database>, change: Change): Promise<void> {
  const { actor, action, subject, before = null, after = null } = change
  const id = newId()
  const row: AuditRow = {
    id,
    at: madeAt(id), // so that what was done since a time is what has a later id
    actor_kind: actor.kind,
    actor_id: actor.id,
    actor_name: actor.name,
    address: actor.address,
    action,
    subject_type: subject.type,
    subject_id: subject.id,
    subject_name: subject.name,
    before: before && JSON.stringify(before),
    after: after && JSON.stringify(after)
  }
  await trx.insertInto('audit').values(row).execute()
}

/** Who did what. It is only ever added to: the database itself refuses anything else. */
export class AuditStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** Writes down what changes nothing else, such as a sign-in that was refused. */
  add(change: Change): Promise<void> {
    return record(this.#db, change)
  }

  /** Newest first; one more than `limit` when there is more. */
  async list(filter: AuditFilter, page: { limit: number; cursor: string | undefined }): Promise<AuditEntry[]> {
    let query = this.#db
      .selectFrom('audit')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
    if (filter.actor !== undefined) query = query.where('actor_id', '=', filter.actor)
    if (filter.action !== undefined) query = query.where('action', '=', filter.action)
    if (filter.subject !== undefined) query = query.where('subject_id', '=', filter.subject)
    if (filter.from !== undefined) query = query.where('id', '>=', filter.from)
    if (filter.to !== undefined) query = query.where('id', '<', filter.to)
    if (page.cursor !== undefined) query = query.where('id', '<', page.cursor)
    return (await query.execute()).map(fromRow)
  }
}

function fromRow(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    at: row.at,
    actor: {
      kind: row.actor_kind as Actor['kind'],
      id: row.actor_id,
      name: row.actor_name,
      address: row.address
    },
    action: row.action as Action,
    subject: { type: row.subject_type as SubjectType, id: row.subject_id, name: row.subject_name },
    before: row.before === null ? null : JSON.parse(row.before),
    after: row.after === null ? null : JSON.parse(row.after)
  }
}
