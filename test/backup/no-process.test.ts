import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'

const PROCESS = join(import.meta.dirname, '../../src/backup/backup-process.ts')

/** Has a backup begun by a process that is in this plight; answers how that went, and how the process ended. */
async function beginsWhere(plight: string): Promise<{ said: string; code: number | null }> {
  const script = `
    const { BackupProcess } = await import(${JSON.stringify(PROCESS)})
    const { openSync } = await import('node:fs')
    ${plight}
    const one = new BackupProcess({ dataDir: '/nowhere' }, {})
    const why = await one.done.catch(error => error.code + ': ' + error.message)
    await new Promise(resolve => setTimeout(resolve, 100))
    process.stdout.write(why)`
  const child = spawn(
    '/bin/sh',
    ['-c', 'ulimit -n 64; exec "$@"', '-', process.execPath, '--input-type=module', '-e', script],
    {
      stdio: ['ignore', 'pipe', 'pipe']
    }
  )
  const [said, complaint] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { said: said || complaint, code: child.exitCode }
}

t.test('where no process can be started for a backup there is none, and the server goes on', async t => {
  const full = "try { for (;;) openSync('/dev/null', 'r') } catch {}"
  t.match(await beginsWhere(full), { said: /^unavailable: No process could be started: .*EMFILE/, code: 0 })
  // Fails as it does where there are no processes left, which holds nobody who is root.
  const none = "process.execPath = '/nowhere/node'"
  t.match(await beginsWhere(none), { said: /^unavailable: No process could be started: .*ENOENT/, code: 0 })
})
