/** Puts the example into a Botyard: a bot that reviews pull requests, and the webhook that starts it. Run again, it changes what is there. */
import { join } from 'node:path'
import { type Botyard, botyardFromEnvironment } from '../support/botyard.ts'

export interface Settings {
  /** Shared with GitHub, which signs with it. */
  secret: string
  /** A command that reads a diff and writes a review; null for what the bot itself looks for. */
  reviewer?: string | null
}

const text = { type: 'string' }

/** @returns the path of the webhook */
export async function install(botyard: Botyard, { secret, reviewer = null }: Settings): Promise<string> {
  await botyard.putBot({
    slug: 'github-review',
    name: 'Review pull requests',
    description: 'Reads what a pull request changes, and writes a review of it.',
    command: [process.execPath, join(import.meta.dirname, 'review.ts')],
    env: {
      PR_URL: '{{parameters.pr_url}}',
      NUMBER: '{{parameters.number}}',
      TITLE: '{{parameters.title}}',
      AUTHOR: '{{parameters.author}}',
      REPO_URL: '{{parameters.repo_url}}',
      ...(reviewer !== null && { REVIEWER: reviewer })
    },
    parameters: {
      type: 'object',
      properties: {
        pr_url: { ...text, pattern: '^https?://' },
        number: { type: 'integer' },
        title: text,
        author: text,
        repo_url: text
      },
      required: ['pr_url', 'number', 'title', 'author', 'repo_url'],
      additionalProperties: false
    },
    // Of a pull request that is pushed to again only the last state is worth reviewing.
    concurrency: { limit: 4, policy: 'replace', key: '{{parameters.pr_url}}' },
    timeoutMs: 30 * 60_000,
    tags: ['example']
  })
  const { id } = await botyard.putTrigger({
    bot: 'github-review',
    kind: 'webhook',
    name: 'Pull requests',
    webhook: {
      verification: 'github',
      secret,
      filters: {
        match: 'all',
        rules: [
          { path: "$.headers['x-github-event']", op: 'equals', value: 'pull_request' },
          { path: '$.payload.action', op: 'matches', value: '^(opened|reopened|synchronize|ready_for_review)$' },
          { path: '$.payload.pull_request.draft', op: 'equals', value: false }
        ]
      },
      map: {
        pr_url: '$.payload.pull_request.html_url',
        number: '$.payload.pull_request.number',
        title: '$.payload.pull_request.title',
        author: '$.payload.pull_request.user.login',
        repo_url: '$.payload.repository.html_url'
      }
    }
  })
  return `/api/webhooks/${id}`
}

if (import.meta.main) {
  const { GITHUB_WEBHOOK_SECRET: secret, REVIEWER: reviewer = null } = process.env
  if (!secret)
    throw new Error('Set GITHUB_WEBHOOK_SECRET, and put the same into the settings of the webhook at GitHub.')
  const botyard = botyardFromEnvironment()
  const path = await install(botyard, { secret, reviewer })
  console.log(`Payload URL for GitHub: ${botyard.url}${path} (content type application/json, events: Pull requests)`)
}
