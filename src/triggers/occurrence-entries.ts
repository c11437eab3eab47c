import type { Kysely } from 'kysely'
import type { Database } from '../db/schema.ts'
import { fromRow, OCCURRENCE_STATES, type Occurrence, type OccurrenceState } from './occurrences.ts'
import type { Schedule } from './trigger.ts'

/** Whose a slot is. */
export interface Named {
  triggerId: string
  triggerName: string
  botId: string
  botSlug: string
  botName: string
  /** Of its schedule. */
  timezone: string
}

export type Entry = Named & Occurrence

/** A schedule that has a slot that waits: what comes after the last of these is to be expected. */
export interface Expecting extends Named {
  schedule: Schedule
  lastAt: number
}

/** What is asked for of all schedules: what is due from `from` on and before `until`. */
export interface Span {
  from: number
  until: number
  limit: number
  /** So many of each trigger will do; infinity for all. */
  perTrigger: number
  /** The bots that somebody may know of; null for all. */
  botIds: ReadonlySet<string> | null
}

/** Schedules that are due very often are left out this often, to come to the others. */
const MAX_ROUNDS = 10

/** Reads slots, for those who want to see them. */
export class EntryStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** What is known of the slots of a trigger from a time on, oldest first. */
  async ofTrigger(triggerId: string, from: number, limit: number): Promise<Occurrence[]> {
    const rows = await this.#db
      .selectFrom('occurrences')
      .selectAll()
      .where('trigger_id', '=', triggerId)
      .where('slot_at', '>=', from)
      .orderBy('slot_at')
      .limit(limit)
      .execute()
    return rows.map(fromRow)
  }

  /** What is known of the slots of a trigger before a time, newest first. */
  async before(triggerId: string, before: number, limit: number): Promise<Occurrence[]> {
    const rows = await this.#db
      .selectFrom('occurrences')
      .selectAll()
      .where('trigger_id', '=', triggerId)
      .where('slot_at', '<', before)
      .orderBy('slot_at', 'desc')
      .limit(limit)
      .execute()
    return rows.map(fromRow)
  }

  /** What is known of slots that are due in a time; of each state about the first `limit`. */
  async between(span: Span): Promise<Entry[]> {
    const found = await Promise.all(OCCURRENCE_STATES.map(state => this.#inState(state, span)))
    return found.flat()
  }

  /** State by state, as the index is. Where some have filled the limit with more than their share, it is read anew without them. */
  async #inState(state: OccurrenceState, span: Span): Promise<Entry[]> {
    const kept: Entry[] = []
    const full: string[] = []
    for (let round = 1; ; round++) {
      const entries = await this.#first(state, span, full)
      const byTrigger = [...Map.groupBy(entries, ({ triggerId }) => triggerId)]
      const filled = byTrigger.filter(([, { length }]) => length >= span.perTrigger)
      if (entries.length < span.limit || filled.length === 0 || round === MAX_ROUNDS) return [...kept, ...entries]
      for (const [triggerId, its] of filled) {
        full.push(triggerId)
        kept.push(...its.slice(0, span.perTrigger))
      }
    }
  }

  async #first(state: OccurrenceState, { from, until, limit, botIds }: Span, without: string[]): Promise<Entry[]> {
    let rows = this.#db
      .selectFrom('occurrences')
      .innerJoin('triggers', 'triggers.id', 'occurrences.trigger_id')
      .innerJoin('bots', 'bots.id', 'triggers.bot_id')
      .selectAll('occurrences')
      .select(NAMES)
      .select('triggers.settings')
      .where('occurrences.state', '=', state)
      .where('occurrences.due_at', '>=', from)
      .where('occurrences.due_at', '<', until)
      .orderBy('occurrences.due_at')
      .limit(limit)
    if (botIds) rows = rows.where('triggers.bot_id', 'in', [...botIds])
    if (without.length > 0) rows = rows.where('occurrences.trigger_id', 'not in', without)
    return (await rows.execute()).map(row => ({ ...namedRow(row), ...fromRow(row) }))
  }

  /** Null when nothing more is to be expected of it. */
  async expecting(triggerId: string): Promise<Expecting | null> {
    const row = await this.#expecting().where('triggers.id', '=', triggerId).executeTakeFirst()
    return row ? toExpecting(row) : null
  }

  /** Of those, all whose next slot is due before a time. */
  async allExpecting(until: number, botIds: ReadonlySet<string> | null): Promise<Expecting[]> {
    const rows = this.#expecting().where('occurrences.due_at', '<', until)
    return (await (botIds ? rows.where('triggers.bot_id', 'in', [...botIds]) : rows).execute()).map(toExpecting)
  }

  #expecting() {
    return this.#db
      .selectFrom('occurrences')
      .innerJoin('triggers', 'triggers.id', 'occurrences.trigger_id')
      .innerJoin('bots', 'bots.id', 'triggers.bot_id')
      .select(NAMES)
      .select(['triggers.settings', ({ fn }) => fn.max<number>('occurrences.slot_at').as('last_at')])
      .where('occurrences.state', '=', 'waiting')
      .groupBy('triggers.id')
  }
}

const NAMES = [
  'triggers.id as triggerId',
  'triggers.name as triggerName',
  'bots.id as botId',
  'bots.slug as botSlug',
  'bots.name as botName'
] as const

type NamedRow = Omit<Named, 'timezone'> & { settings: string }

function toExpecting(row: NamedRow & { last_at: number }): Expecting {
  return { ...namedRow(row), schedule: JSON.parse(row.settings), lastAt: row.last_at }
}

function namedRow({ triggerId, triggerName, botId, botSlug, botName, settings }: NamedRow): Named {
  return { triggerId, triggerName, botId, botSlug, botName, timezone: (JSON.parse(settings) as Schedule).timezone }
}
