import { randomBytes } from 'node:crypto'
import type { Demonstration } from '../support/demonstration.ts'
import { deliver, pullRequest, startGitHub } from './github.ts'
import { install } from './install.ts'

export const demonstrate: Demonstration = async botyard => {
  const github = await startGitHub()
  const secret = randomBytes(20).toString('hex')
  const webhook = botyard.url + (await install(botyard, { secret }))
  const answer = await deliver(webhook, secret, 'pull_request', pullRequest(github))
  return {
    lines: [
      `A stand-in for GitHub at ${github.url} has told ${webhook} of a pull request: ${answer.status}.`,
      `The review: ${botyard.url}/bots/github-review`
    ],
    stop: () => github.close()
  }
}
