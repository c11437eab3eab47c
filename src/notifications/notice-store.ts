import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database, NoticeRow } from '../db/schema.ts'
import { firstIdAt, madeAt, newId } from '../lib/ids.ts'
import { isQuiet } from './firing.ts'
import { type Message, titleOf } from './message.ts'
import type { Notice, NoticeState, NotificationEvent, Rule } from './notifications.ts'

/** Something a rule is told of, for each of its channels. */
export interface NewNotices {
  rule: Rule
  event: NotificationEvent
  /** What it is about, the same however often it is heard of. */
  occasion: string
  botId: string | null
  executionId: string | null
  at: number
  /** What is said; `quieted` is how many of its kind were not sent since the last that was. */
  messageOf(quieted: number): Message
}

/** A notice that is to be sent. */
export interface DueNotice {
  id: string
  tries: number
  message: Message
}

/** What a try came to. */
export interface Settled {
  state: Exclude<NoticeState, 'suppressed'>
  detail: string
  tries: number
  /** Null unless it waits. */
  nextAt: number | null
}

type FullRow = NoticeRow & { rule_name: string | null; channel_name: string }

const waiting = sql.lit('waiting')

export class NoticeStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** Writes down what is to be sent, or not for now, to each channel that has not heard of it; answers the ids. */
  write(notices: NewNotices, now: number): Promise<string[]> {
    const { rule, event, occasion, botId, executionId, at } = notices
    return this.#db.transaction().execute(async trx => {
      const channels = await trx
        .selectFrom('channels')
        .select(['id', 'kind'])
        .where('id', 'in', rule.channelIds)
        .execute()
      const written: string[] = []
      for (const { id: channelId, kind } of channels) {
        const past = rule.quietMs > 0 ? await pastOf(trx, notices, channelId) : NO_PAST
        // A switch that hears nothing raises the alarm.
        const quiet = kind !== 'ping' && isQuiet(rule, past.lastAt, at)
        const message = notices.messageOf(quiet ? 0 : past.quieted)
        const row: NoticeRow = {
          id: newId(),
          rule_id: rule.id,
          channel_id: channelId,
          occasion,
          event,
          bot_id: botId,
          execution_id: executionId,
          at,
          // Of what is not sent there may be much, and the title is all that is ever shown.
          message: JSON.stringify(quiet ? { ...message, facts: [], log: [], data: {} } : message),
          state: quiet ? 'suppressed' : 'waiting',
          tries: 0,
          next_at: quiet ? null : now,
          detail: null,
          settled_at: quiet ? now : null
        }
        const result = await trx
          .insertInto('notices')
          .values(row)
          .onConflict(c => c.columns(['rule_id', 'channel_id', 'occasion']).doNothing())
          .executeTakeFirst()
        if (result.numInsertedOrUpdatedRows === 1n) written.push(row.id)
      }
      return written
    })
  }

  /** Which rules have been told that these executions run for long. */
  async toldOfRunning(executionIds: string[]): Promise<{ ruleId: string | null; executionId: string | null }[]> {
    if (executionIds.length === 0) return []
    return this.#db
      .selectFrom('notices')
      .select(['rule_id as ruleId', 'execution_id as executionId'])
      .where('execution_id', 'in', executionIds)
      .where('event', '=', 'long_running')
      .execute()
  }

  /** The channels for which something waits, and from when on; what waits beyond `until` was written by a clock gone wrong. */
  async lanes(until: number): Promise<{ channelId: string; nextAt: number }[]> {
    const rows = await this.#db
      .selectFrom('notices')
      .select(({ fn }) => ['channel_id as channelId', fn.min('next_at').as('nextAt')])
      .where('state', '=', waiting)
      .groupBy('channel_id')
      .execute()
    return rows.map(({ channelId, nextAt }) => ({ channelId, nextAt: Number(nextAt) > until ? 0 : Number(nextAt) }))
  }

  /** What a channel is to be told first, of what is due; null when nothing is. */
  async due(channelId: string, now: number, until: number): Promise<DueNotice | null> {
    const row = await this.#db
      .selectFrom('notices')
      .select(['id', 'tries', 'message'])
      .where('channel_id', '=', channelId)
      .where('state', '=', waiting)
      .where(({ or, eb }) => or([eb('next_at', '<=', now), eb('next_at', '>', until)]))
      .orderBy('next_at')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst()
    return row ? { id: row.id, tries: row.tries, message: JSON.parse(row.message) } : null
  }

  /** Keeps what a try came to. */
  async settle(id: string, { state, detail, tries, nextAt }: Settled, now: number): Promise<void> {
    await this.#db
      .updateTable('notices')
      .set({ state, detail, tries, next_at: nextAt, settled_at: nextAt === null ? now : null })
      .where('id', '=', id)
      .where('state', '=', waiting)
      .execute()
  }

  /** Lets one that was given up, or waits for its next try, be tried from now on. False for any other. */
  async retry(id: string, now: number): Promise<boolean> {
    const result = await this.#db
      .updateTable('notices')
      .set({ state: 'waiting', tries: 0, next_at: now, settled_at: null })
      .where('id', '=', id)
      .where('state', 'in', ['failed', 'waiting'])
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  }

  /** How many wait to be sent. */
  async waiting(): Promise<number> {
    const { count } = await this.#db
      .selectFrom('notices')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('state', '=', waiting)
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  async find(id: string): Promise<Notice | null> {
    const row = await this.#rows().where('notices.id', '=', id).executeTakeFirst()
    return row ? fromRow(row) : null
  }

  /** Newest first; one more than `limit` when there is more. */
  async list(query: {
    state: NoticeState | undefined
    channel: string | undefined
    rule: string | undefined
    limit: number
    cursor: string | undefined
  }): Promise<Notice[]> {
    let rows = this.#rows()
      .orderBy('notices.id', 'desc')
      .limit(query.limit + 1)
    if (query.state !== undefined) rows = rows.where('notices.state', '=', query.state)
    if (query.channel !== undefined) rows = rows.where('notices.channel_id', '=', query.channel)
    if (query.rule !== undefined) rows = rows.where('notices.rule_id', '=', query.rule)
    if (query.cursor !== undefined) rows = rows.where('notices.id', '<', query.cursor)
    return (await rows.execute()).map(fromRow)
  }

  /** Removes what was settled and is older than `before`, up to `limit`; answers how many. */
  async forget(before: number, limit: number): Promise<number> {
    const old = this.#db
      .selectFrom('notices')
      .select('id')
      .where('id', '<', firstIdAt(before))
      .where('state', '!=', waiting)
      .limit(limit)
    const result = await this.#db.deleteFrom('notices').where('id', 'in', old).executeTakeFirst()
    return Number(result.numDeletedRows)
  }

  #rows() {
    return this.#db
      .selectFrom('notices')
      .innerJoin('channels', 'channels.id', 'notices.channel_id')
      .leftJoin('notification_rules', 'notification_rules.id', 'notices.rule_id')
      .selectAll('notices')
      .select(['channels.name as channel_name', 'notification_rules.name as rule_name'])
  }
}

/** What a channel was told before of the same: when last, and how often it was not told since. */
interface Past {
  lastAt: number | null
  quieted: number
}

const NO_PAST: Past = { lastAt: null, quieted: 0 }

async function pastOf(
  trx: Transaction<Database>,
  { rule, botId, event }: NewNotices,
  channelId: string
): Promise<Past> {
  const like = trx
    .selectFrom('notices')
    .where('rule_id', '=', rule.id)
    .where('channel_id', '=', channelId)
    .where('bot_id', 'is', botId)
    .where('event', '=', event)
  const last = await like
    .select(({ fn }) => fn.max('at').as('at'))
    .where('state', 'in', ['waiting', 'sent', 'failed'])
    .executeTakeFirst()
  const lastAt = last?.at ?? null
  const since = await like
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('state', '=', 'suppressed')
    .where('at', '>', lastAt ?? 0)
    .executeTakeFirstOrThrow()
  return { lastAt, quieted: Number(since.count) }
}

function fromRow(row: FullRow): Notice {
  return {
    id: row.id,
    ruleId: row.rule_id,
    ruleName: row.rule_name,
    channelId: row.channel_id,
    channelName: row.channel_name,
    event: row.event as NotificationEvent,
    title: titleOf(JSON.parse(row.message)),
    botId: row.bot_id,
    executionId: row.execution_id,
    at: row.at,
    state: row.state as NoticeState,
    tries: row.tries,
    nextAt: row.next_at,
    detail: row.detail,
    createdAt: madeAt(row.id),
    settledAt: row.settled_at
  }
}
