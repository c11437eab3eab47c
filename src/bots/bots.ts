import type { Actor } from '../audit/audit.ts'
import type { EventHub } from '../events/hub.ts'
import { AppError } from '../lib/errors.ts'
import { newId } from '../lib/ids.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { type Bot, botProblems, type CreateBot, slugFor, type UpdateBot } from './bot.ts'
import { botFacts, botSubject, differenceOf } from './facts.ts'
import { parameterSchemaProblem } from './parameters.ts'
import { defaultBot } from './schemas.ts'
import type { BotStore } from './store.ts'

/** A name such as "Report" is given `report`, then `report-2` and so on; whoever makes more than this names them himself. */
const MAX_SLUG_SUFFIX = 100

/** Makes, changes and removes bots; says so to whoever listens. */
export class Bots {
  readonly #store: BotStore
  readonly #events: EventHub
  readonly #secrets: Pick<Secrets, 'missing'>
  #onSwitch: (id: string) => Promise<void> = async () => {}

  constructor(store: BotStore, events: EventHub, secrets: Pick<Secrets, 'missing'>) {
    this.#store = store
    this.#events = events
    this.#secrets = secrets
  }

  /** `switched` is called with the id of each bot that was enabled or disabled, before whoever did so is answered. */
  onSwitch(switched: (id: string) => Promise<void>): void {
    this.#onSwitch = switched
  }

  /** @throws AppError `slug_taken` when the slug was asked for by name; a slug made from the name gives way by itself. */
  async create(input: CreateBot, actor: Actor): Promise<Bot> {
    const bot = newBot(input)
    const wanted = bot.slug
    await this.#check(bot)
    const insert = () =>
      this.#store.insert(bot, { actor, action: 'bot.created', subject: botSubject(bot), after: botFacts(bot) })
    let made = await insert()
    for (let n = 2; !made && !input.slug && n <= MAX_SLUG_SUFFIX; n++) {
      bot.slug = `${wanted}-${n}`
      made = await insert()
    }
    if (!made) throw slugTaken(wanted)
    this.#announce(bot)
    return bot
  }

  /**
   * A bot to be tried, checked as one to be saved is. A disabled one can be tried as well: it is disabled for others.
   * @throws AppError `invalid_request`; the paths of its errors begin with /bot.
   */
  async draftTrial(input: CreateBot): Promise<Bot> {
    const bot = { ...newBot(input), enabled: true }
    // Whoever tries a bot wants to see how it fails, not what becomes of it in the end.
    bot.retry = { ...bot.retry, maxAttempts: 1 }
    await this.#check(bot, '/bot')
    // A slug asked for by name may be a saved bot's, whose changes are tried where it works; any other bot's folder is not.
    const wanted = bot.slug
    for (let n = 2; !input.slug && (await this.#store.find(bot.slug)); n++) bot.slug = `${wanted}-${n}`
    return bot
  }

  /** Keeps a bot that is tried until its execution has ended. It is in no list, and its slug need not be free. */
  saveTrial(bot: Bot): Promise<void> {
    return this.#store.insertTrial(bot)
  }

  /** A trial that was not let in. */
  async forgetTrial(bot: Bot): Promise<void> {
    await this.#store.deleteTrial(bot.id)
  }

  /** Forgets what a server before this one let somebody try, unless it waits or runs. */
  forgetEndedTrials(): Promise<void> {
    return this.#store.deleteEndedTrials()
  }

  /** Makes those bots whose slug nobody has; answers all of them as they are now. */
  async ensure(inputs: (CreateBot & { slug: string })[], actor: Actor): Promise<Bot[]> {
    const bots: Bot[] = []
    for (const input of inputs) bots.push((await this.#store.find(input.slug)) ?? (await this.create(input, actor)))
    return bots
  }

  async update(ref: string, changes: UpdateBot, actor: Actor): Promise<Bot> {
    const before = await this.get(ref)
    const bot = { ...changed(before, changes), updatedAt: Date.now() }
    // One whose secret is gone, as in a database put back from elsewhere, can still be disabled or given another name.
    await this.#check(bot, '', changes.secrets ?? [])
    const change = { actor, action: 'bot.changed', subject: botSubject(before), ...differenceOf(before, bot) } as const
    if (!(await this.#store.update(bot, change))) throw slugTaken(bot.slug)
    if (bot.enabled !== before.enabled) await this.#onSwitch(bot.id)
    this.#announce(bot)
    return bot
  }

  /** @throws AppError `bot_busy` while an execution of it waits or runs. What ran stays in the history. */
  async delete(ref: string, actor: Actor): Promise<void> {
    const bot = await this.get(ref)
    const change = { actor, action: 'bot.deleted', subject: botSubject(bot), before: botFacts(bot) } as const
    if (!(await this.#store.delete(bot.id, change))) {
      throw new AppError(
        'bot_busy',
        `${bot.slug} has executions that wait or run. Cancel them or let them end, then delete it.`
      )
    }
    this.#events.publish({
      topics: ['bots', `bot:${bot.id}`],
      type: 'bot.deleted',
      data: { id: bot.id, slug: bot.slug }
    })
  }

  /** @throws AppError `not_found` */
  async get(ref: string): Promise<Bot> {
    const bot = await this.#store.find(ref)
    if (!bot) throw new AppError('not_found', `There is no bot "${ref}".`)
    return bot
  }

  /** The id of the bot that is called so; null when there is none. */
  async idOf(ref: string): Promise<string | null> {
    return (await this.#store.find(ref))?.id ?? null
  }

  /** What an execution runs: a bot, also one that is only being tried. @throws AppError `not_found` */
  async toRun(id: string): Promise<Bot> {
    const bot = await this.#store.findWithTrials(id)
    if (!bot) throw new AppError('not_found', `There is no bot "${id}".`)
    return bot
  }

  list(page: Parameters<BotStore['list']>[0]): Promise<Bot[]> {
    return this.#store.list(page)
  }

  /** `at` is where in the request the bot stands. Of the secrets it names, those in `secrets` must be there. */
  async #check(bot: Bot, at = '', secrets: string[] = bot.secrets): Promise<void> {
    const problems = botProblems(bot)
    const schemaProblem = parameterSchemaProblem(bot.parameters)
    if (schemaProblem) problems.push({ path: '/parameters', message: schemaProblem })
    for (const name of await this.#secrets.missing(secrets)) {
      problems.push({ path: `/secrets/${bot.secrets.indexOf(name)}`, message: `there is no secret ${name}` })
    }
    if (problems.length === 0) return
    const errors = problems.map(({ path, message }) => ({ path: at + path, message }))
    throw new AppError('invalid_request', `The bot cannot be ${at ? 'tried' : 'saved'}: see errors.`, { errors })
  }

  #announce(bot: Bot): void {
    this.#events.publish({ topics: ['bots', `bot:${bot.id}`], type: 'bot.changed', data: bot })
  }
}

function newBot(input: CreateBot): Bot {
  const now = Date.now()
  const slug = input.slug ?? slugFor(input.name)
  const blank = { ...defaultBot(), name: '', command: [], id: newId(), slug, createdAt: now, updatedAt: now }
  return changed(blank, input)
}

/** A bot with what is given of it changed; of its groups of settings, too, only what is given. */
function changed(bot: Bot, changes: UpdateBot): Bot {
  const whole = { ...bot, ...changes }
  return {
    ...whole,
    concurrency: { ...bot.concurrency, ...changes.concurrency },
    retry: { ...bot.retry, ...changes.retry },
    limits: { ...bot.limits, ...changes.limits },
    assert: { ...bot.assert, ...changes.assert }
  }
}

function slugTaken(slug: string): AppError {
  return new AppError('slug_taken', `Another bot has the slug "${slug}". Choose another.`)
}
