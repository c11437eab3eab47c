import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CreateBot } from './bot.ts'

const INSTALLATION = join(import.meta.dirname, '../..')

/** The bots that come with the product. Each is one shell script that stands in its command, there to be read and changed. */
export function bundledBots(dataDir: string): (CreateBot & { slug: string })[] {
  return [
    {
      slug: 'system-report',
      name: 'System report',
      description: 'Disk, memory, processes and network of this machine.',
      command: script('system-report.sh'),
      timeoutMs: 60_000,
      tags: ['bundled']
    },
    {
      slug: 'self-check',
      name: 'Self-check',
      description: 'Whether Botyard itself is well: database, disk, newest backup.',
      command: script('self-check.sh'),
      env: { NODE: process.execPath, INSTALLATION, DATA_DIR: dataDir },
      timeoutMs: 600_000,
      tags: ['bundled']
    },
    {
      slug: 'clock',
      name: 'Clock',
      description: 'The time every second for a minute: something to watch.',
      command: script('clock.sh'),
      timeoutMs: 120_000,
      tags: ['bundled']
    }
  ]
}

function script(file: string): string[] {
  return ['/bin/sh', '-c', readFileSync(join(import.meta.dirname, 'bundled', file), 'utf8')]
}
