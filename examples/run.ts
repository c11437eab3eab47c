/**
 * Runs an example: a Botyard of its own with everything the example talks to, until Ctrl-C, which takes all of it away again.
 * Usage: npm run example NAME
 */
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Demonstration } from './support/demonstration.ts'
import { startBotyard } from './support/server.ts'

const name = process.argv[2] ?? ''
const file = (example: string) => join(import.meta.dirname, example, 'demonstration.ts')
const names = readdirSync(import.meta.dirname).filter(example => existsSync(file(example)))
if (!names.includes(name)) {
  console.error(`Usage: npm run example NAME\nThere are: ${names.join(', ')}`)
  process.exit(1)
}

const { demonstrate } = (await import(file(name))) as { demonstrate: Demonstration }
const server = await startBotyard({ OUTGOING_ALLOW: '127.0.0.1' })
try {
  const { lines, stop } = await demonstrate(server.botyard)
  console.log(
    [
      '',
      `Botyard: ${server.botyard.url}`,
      `Sign in as ${server.email} with ${server.password}`,
      '',
      ...lines,
      '',
      'Ctrl-C ends it.'
    ].join('\n')
  )
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await stop()
} finally {
  await server.stop()
}
