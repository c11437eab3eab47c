import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { type CompiledQuery, Kysely, SqliteDialect } from 'kysely'
import t, { type Test } from 'tap'
import { type Change, SERVER } from '../../src/audit/audit.ts'
import { BotStore } from '../../src/bots/store.ts'
import { Migrator } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Database } from '../../src/db/schema.ts'
import { STATES, TRIGGERS } from '../../src/executions/execution.ts'
import { ExecutionHistoryStore } from '../../src/executions/history-store.ts'
import { ExecutionStore } from '../../src/executions/store.ts'
import { newId } from '../../src/lib/ids.ts'
import { RetentionStore } from '../../src/retention/store.ts'
import { testFolder } from '../support/folder.ts'

/** A database, and how it would go about each statement that is sent to it. */
async function explained(t: Test) {
  const dataDir = testFolder(t)
  const made = openDatabase(dataDir)
  await new Migrator(made).up()
  await made.destroy()

  const sqlite = new BetterSqlite3(join(dataDir, 'botyard.db'))
  const statements: CompiledQuery[] = []
  const db = new Kysely<Database>({
    dialect: new SqliteDialect({ database: sqlite }),
    log: event => void statements.push(event.query)
  })
  t.teardown(() => db.destroy())
  const plansOf = async (work: () => Promise<unknown>): Promise<string[]> => {
    statements.length = 0
    await work()
    const explain = ({ sql, parameters }: CompiledQuery) =>
      sqlite.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters)
    return statements
      .filter(({ sql }) => /^\s*(with|select|insert|update|delete)\b/i.test(sql))
      .flatMap(explain)
      .map(step => step.detail)
  }
  return {
    executions: new ExecutionStore(db),
    history: new ExecutionHistoryStore(db),
    bots: new BotStore(db),
    retention: new RetentionStore(db),
    plansOf
  }
}

function without(plan: string[], step: string): string[] {
  return plan.filter(each => each !== step)
}

/** Nothing is sorted, and nothing gone through from end to end but the bots, which are few. */
function isQuick(t: Test, plan: string[], what: string): void {
  t.ok(plan.length > 0, `${what}: is explained`)
  const slow = plan.filter(step => /^SCAN (?!bots|piece)|TEMP B-TREE/.test(step))
  t.same(slow, [], `${what}: by index, and unsorted`, { plan })
}

/** By the trigger itself; or by its bot, its kind and one state, where all of these are asked for. */
const OF_TRIGGER =
  /INDEX executions_(trigger \(trigger_id=\?|bot_state_trigger \(bot_id=\? AND state=\? AND trigger=\?)/

const CHANGE: Change = { actor: SERVER, action: 'bot.deleted', subject: { type: 'bot', id: null, name: 'bot' } }

t.test('every filter of the history is answered by an index, and nothing is sorted', async t => {
  const { history, plansOf } = await explained(t)
  const page = { limit: 50, cursor: newId() }
  const choices = {
    botId: [undefined, newId()],
    states: [undefined, ['failed'], ['failed', 'timed_out', 'lost'], [...STATES]],
    triggers: [undefined, ['manual'], [...TRIGGERS]],
    triggerId: [undefined, newId()],
    since: [undefined, 1],
    until: [undefined, Date.now()]
  } as const
  for (const botId of choices.botId)
    for (const states of choices.states)
      for (const triggers of choices.triggers)
        for (const triggerId of choices.triggerId)
          for (const since of choices.since)
            for (const until of choices.until) {
              const filter = JSON.parse(JSON.stringify({ botId, states, triggers, triggerId, since, until }))
              const plan = await plansOf(() => history.list({ ...filter, ...page }))
              isQuick(t, plan, JSON.stringify(filter))
              const bounds = since === undefined ? /\(.*id<\?\)/ : /\(.*id>\? AND id<\?\)/
              const searched = plan.filter(step => /^SEARCH executions .*(bot_id=|state=|id[<>])/.test(step))
              t.ok(searched.length > 0 && searched.every(step => bounds.test(step)), 'it begins and ends at its bounds')
              if (triggerId === undefined) continue
              t.ok(
                searched.every(step => OF_TRIGGER.test(step)),
                'other triggers are passed by',
                { plan, filter }
              )
            }
})

t.test('the latest executions of bots, the queue and the load are answered by an index', async t => {
  const { executions, history, bots, plansOf } = await explained(t)
  const ids = [newId(), newId()]
  isQuick(t, await plansOf(() => history.latest(ids, 12)), 'latest')
  // Bots are ordered, which are few; of what waits only the first of each bot is looked at.
  const claim = await plansOf(() => executions.claim(() => ({ machine: 8, now: 1 })))
  isQuick(t, without(claim, 'USE TEMP B-TREE FOR ORDER BY'), 'claim')
  const waiting = claim.filter(step => /^SEARCH e /.test(step))
  t.ok(waiting.length > 0 && waiting.every(step => /executions_waiting \(state=\? AND bot_id=\?\)/.test(step)))
  isQuick(t, await plansOf(() => executions.nextRetryAt(1)), 'the next attempt')
  isQuick(t, await plansOf(() => executions.shiftRetries(1)), 'the clock is set')
  const running = await plansOf(() => executions.running())
  isQuick(t, without(running, 'USE TEMP B-TREE FOR ORDER BY'), 'what runs, which is not much')
  isQuick(t, await plansOf(() => history.load()), 'load')
  isQuick(t, await plansOf(() => executions.cancel(newId(), 1, CHANGE)), 'cancel')
  isQuick(t, await plansOf(() => bots.delete(newId(), CHANGE)), 'delete a bot')
  isQuick(t, await plansOf(() => bots.deleteEndedTrials()), 'forget trials')
})

t.test('what retention looks for it finds without going through all history', async t => {
  const { retention, plansOf } = await explained(t)
  const { signal } = new AbortController()
  const all = async (batches: AsyncGenerator) => {
    for await (const _ of batches);
  }
  const unsettled = await plansOf(() => all(retention.unsettled(signal)))
  isQuick(t, unsettled, 'attempts that are not settled')
  t.match(unsettled[0], /attempts_unsettled/, 'those that are settled are not looked at')
  isQuick(t, await plansOf(() => all(retention.ended(signal))), 'the oldest executions')
  isQuick(t, await plansOf(() => retention.tally(signal)), 'how much there is')
  isQuick(t, await plansOf(() => retention.known([newId()])), 'attempts by their ids')
  isQuick(t, await plansOf(() => retention.remove([newId()])), 'removing')
})
