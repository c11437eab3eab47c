import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/vue-query'
import type { Automation, Bot, Delivery, Execution, Notice, Trigger } from '../api/types'
import { live } from './live'
import type { ServerEvent } from './messages'
import { noteStarted } from './started-here'

/** Lists that an event may have changed the order or number of are read again, at most this often. */
const REREAD_MS = 1000

interface Page<T> {
  items: T[]
  nextCursor: string | null
}

/** What queries are called, so that events find them. */
export const keys = {
  bots: (search: string) => ['bots', 'list', { search }] as const,
  bot: (ref: string) => ['bots', 'one', ref] as const,
  executions: (filter: object) => ['executions', 'list', filter] as const,
  latest: (botIds: string[]) => ['executions', 'latest', botIds] as const,
  execution: (id: string) => ['executions', 'one', id] as const,
  inTheWay: (id: string) => ['executions', 'in the way', id] as const,
  ahead: (id: string) => ['executions', 'ahead', id] as const,
  artifacts: (id: string, attempt: number, live: boolean) => ['executions', 'artifacts', id, attempt, live] as const,
  artifactText: (id: string, attempt: number, name: string, modifiedAt: number) =>
    ['executions', 'artifact text', id, attempt, name, modifiedAt] as const,
  payload: (id: string) => ['executions', 'payload', id] as const,
  usage: (id: string, attempt: number, live: boolean) => ['executions', 'usage', id, attempt, live] as const,
  triggers: (filter: object) => ['triggers', 'list', filter] as const,
  trigger: (id: string) => ['triggers', 'one', id] as const,
  occurrences: (triggerId: string, count: number) => ['triggers', 'occurrences', triggerId, count] as const,
  preview: (schedule: string) => ['preview', schedule] as const,
  calendar: (date: string) => ['calendar', 'day', date] as const,
  deliveries: (triggerId: string) => ['deliveries', 'list', triggerId] as const,
  delivery: (id: string) => ['deliveries', 'one', id] as const,
  deliveryBody: (id: string) => ['deliveries', 'body', id] as const,
  channels: ['channels', 'list'] as const,
  rules: ['notification rules', 'list'] as const,
  notices: (filter: object) => ['notices', 'list', filter] as const,
  secrets: ['secrets', 'list'] as const,
  automation: ['automation'] as const,
  machine: ['machine'] as const,
  botNames: ['bots', 'names'] as const,
  people: ['people', 'list'] as const,
  /** Ways to sign in. */
  means: ['means'] as const,
  sessions: (userId: string | null) => ['sessions', userId] as const,
  tokens: ['tokens', 'list'] as const,
  audit: (filter: object) => ['audit', 'list', filter] as const
}

/** Keeps what queries hold as the server says it is. An event brings the whole new state, so most need no request. */
export function feedQueries(queries: QueryClient): void {
  const stale = new Set<string>()
  const rereadStale = () => {
    for (const noun of stale) {
      queries.invalidateQueries({ queryKey: [noun, 'list'] })
      if (noun === 'executions') queries.invalidateQueries({ queryKey: [noun, 'latest'] })
    }
    stale.clear()
  }
  const reread = (noun: string) => {
    if (stale.size === 0) setTimeout(rereadStale, REREAD_MS)
    stale.add(noun)
  }

  live.onResync(() => queries.invalidateQueries())
  live.onEvent((event: ServerEvent) => {
    if (event.type === 'bot.changed') {
      const bot = event.data
      for (const { queryKey, state } of queries.getQueryCache().findAll({ queryKey: ['bots', 'one'] })) {
        const names = [queryKey[2], (state.data as Bot | undefined)?.id]
        if (names.includes(bot.id) || names.includes(bot.slug)) learn(queries, queryKey, bot)
      }
      replaceInLists(queries, 'bots', bot)
      reread('bots')
      reread('secrets') // which say who uses them
      reread('triggers') // which say what their bots are called
      reread('notification rules') // which do so, too
      reread('executions') // and these
    }
    if (event.type === 'bot.deleted') {
      for (const ref of [event.data.id, event.data.slug]) queries.invalidateQueries({ queryKey: keys.bot(ref) })
      reread('bots')
      reread('secrets')
      reread('triggers') // which went with it
      reread('notification rules') // which went with it, too
      reread('executions') // which are of a bot that is gone
    }
    if (event.type === 'secrets.changed') reread('secrets')
    if (event.type === 'trigger.changed') {
      const trigger = event.data
      learn(queries, keys.trigger(trigger.id), trigger)
      // A schedule says at each of its times when the next is: the list is read anew for those that are not in it only.
      if (!replaceInLists(queries, 'triggers', trigger)) reread('triggers')
      queries.invalidateQueries({ queryKey: ['triggers', 'occurrences', trigger.id] })
      if (isCalledOtherwise(queries, trigger.id, trigger.name)) reread('executions')
    }
    if (event.type === 'trigger.deleted') {
      queries.invalidateQueries({ queryKey: keys.trigger(event.data.id) })
      reread('triggers')
      if (isCalledOtherwise(queries, event.data.id, null)) reread('executions')
    }
    if (event.type === 'delivery.received' && !replaceInLists(queries, 'deliveries', event.data)) reread('deliveries')
    if (event.type === 'channel.changed' || event.type === 'channel.deleted') {
      reread('channels')
      reread('notices') // which say what their channels are called, and go with them
    }
    if (event.type === 'notification_rule.changed' || event.type === 'notification_rule.deleted') {
      reread('notification rules')
      reread('notices') // which say what their rules are called
    }
    if (event.type === 'notice.changed') {
      replaceInLists(queries, 'notices', event.data)
      reread('notices')
    }
    if (event.type === 'automation.changed') learn(queries, keys.automation, event.data)
    // It is rare, and an answer that is on its way may be older: read anew.
    if (event.type === 'machine.changed') queries.invalidateQueries({ queryKey: keys.machine })
    if (event.type === 'execution.changed') {
      const execution = event.data
      learnExecution(queries, execution)
      replaceInLists(queries, 'executions', execution)
      reread('executions')
    }
  })
}

/** What an event tells is newer than an answer that is still on its way: that is given up. */
function learn(queries: QueryClient, queryKey: QueryKey, news: Automation | Bot | Execution | Trigger): void {
  void queries.cancelQueries({ queryKey, exact: true })
  queries.setQueryData(queryKey, news)
}

/** Outputs are in no event: they stay as they are known, and are read anew when an attempt has ended. */
function learnExecution(queries: QueryClient, news: Execution): void {
  const queryKey = keys.execution(news.id)
  const known = queries.getQueryData<Execution>(queryKey)
  learn(queries, queryKey, { ...known, ...news })
  if (known?.state === 'running' && news.state !== 'running') queries.invalidateQueries({ queryKey, exact: true })
}

/** Takes over the answer to a start. What an event has told of the execution meanwhile is newer. */
export function learnStarted(queries: QueryClient, execution: Execution): void {
  noteStarted(execution.id)
  queries.setQueryData(keys.execution(execution.id), (known?: Execution) => known ?? execution)
}

/** Whether some list of executions names what started them in another way; `name` is null when that has been deleted. */
function isCalledOtherwise(queries: QueryClient, triggerId: string, name: string | null): boolean {
  const lists = queries.getQueriesData<InfiniteData<Page<Execution>>>({ queryKey: ['executions', 'list'] })
  const items = lists.flatMap(([, data]) => data?.pages.flatMap(page => page.items) ?? [])
  return items.some(execution => execution.triggerId === triggerId && execution.triggerName !== name)
}

type Listed = Bot | Delivery | Execution | Notice | Trigger

/** False when it is in none. */
function replaceInLists(
  queries: QueryClient,
  noun: 'bots' | 'deliveries' | 'executions' | 'notices' | 'triggers',
  item: Listed
): boolean {
  let found = false
  queries.setQueriesData<InfiniteData<Page<Listed>>>({ queryKey: [noun, 'list'] }, data => {
    if (!data?.pages.some(page => page.items.some(({ id }) => id === item.id))) return data
    found = true
    const pages = data.pages.map(page => ({ ...page, items: page.items.map(old => (old.id === item.id ? item : old)) }))
    return { ...data, pages }
  })
  if (noun === 'executions') {
    queries.setQueriesData<Execution[]>({ queryKey: ['executions', 'latest'] }, items =>
      items?.map(old => (old.id === item.id ? (item as Execution) : old))
    )
  }
  return found
}
