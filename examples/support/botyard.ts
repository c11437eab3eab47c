/** What the examples ask of Botyard's API. Each `put…` makes a thing, or changes the one there is, so that it can be run again. */

export interface Made {
  id: string
  name: string
}

/** What it was refused, in the server's own words. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

export class Botyard {
  readonly url: string
  readonly #token: string

  /** `token`: of a program or of somebody who has signed in, with the role operator; admin where secrets are put in. */
  constructor(url: string, token: string) {
    this.url = url.replace(/\/+$/, '')
    this.#token = token
  }

  /** @throws Refused */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body !== undefined && { 'content-type': 'application/json' })
      },
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
    const text = await answer.text()
    if (!answer.ok) throw new Refused(`${method} ${path}: ${answer.status} ${text}`)
    return (text === '' ? null : JSON.parse(text)) as T
  }

  async putSecret(name: string, value: string, description: string): Promise<void> {
    await this.ask('PUT', `/api/secrets/${name}`, { value, description })
  }

  async putBot(bot: { slug: string; name: string } & Record<string, unknown>): Promise<Made> {
    try {
      return await this.ask<Made>('PATCH', `/api/bots/${bot.slug}`, bot)
    } catch (error) {
      if (!(error instanceof Refused && error.message.includes('"not_found"'))) throw error
      return this.ask<Made>('POST', '/api/bots', bot)
    }
  }

  /** A trigger is known by its name, among those of its bot. */
  putTrigger(trigger: { bot: string; kind: string; name: string } & Record<string, unknown>): Promise<Made> {
    const { bot, kind, ...rest } = trigger
    return this.#putNamed('/api/triggers', `?bot=${bot}&kind=${kind}`, { bot, kind }, rest)
  }

  /** A channel is known by its name. Its kind stays. */
  putChannel(channel: { kind: string; name: string; settings: object }): Promise<Made> {
    const { kind, ...rest } = channel
    return this.#putNamed('/api/channels', '', { kind }, rest)
  }

  /** A rule is known by its name. */
  putRule(rule: { name: string; events: string[]; channelIds: string[] } & Record<string, unknown>): Promise<Made> {
    return this.#putNamed('/api/notification-rules', '', {}, rule)
  }

  async #putNamed(path: string, query: string, fixed: object, rest: { name: string }): Promise<Made> {
    const { items } = await this.ask<{ items: Made[] }>('GET', path + query)
    const there = items.find(({ name }) => name === rest.name)
    return there
      ? this.ask<Made>('PATCH', `${path}/${there.id}`, rest)
      : this.ask<Made>('POST', path, { ...fixed, ...rest })
  }
}

/** A server's address and token out of the environment. @throws Error that says which is missing */
export function botyardFromEnvironment(): Botyard {
  const { BOTYARD_URL = 'http://127.0.0.1:20000', BOTYARD_TOKEN } = process.env
  if (!BOTYARD_TOKEN)
    throw new Error('Set BOTYARD_TOKEN to a token with the role that the README names: make one on the page Tokens.')
  return new Botyard(BOTYARD_URL, BOTYARD_TOKEN)
}
