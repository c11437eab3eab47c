/** Processes killed while they migrate a database. `SEED` repeats what was random. */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Migrator } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open.ts'
import { seededRandom } from '../support/attempts.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { rounds } from '../support/soak.ts'

const ROUNDS = rounds(6, 150)
const NEVER = 0

/** Migrates a database in a process of its own, which says when it comes to a statement, and dies at number `at`. */
async function migrate(dataDir: string, direction: 'up' | 'down', at: number) {
  const source = (file: string) => JSON.stringify(join(import.meta.dirname, '../../src/db', file))
  const program = `
    import { writeSync } from 'node:fs'
    const { openDatabase } = await import(${source('open.ts')})
    const { Migrator } = await import(${source('migrate.ts')})
    let count = 0
    const db = openDatabase(${JSON.stringify(dataDir)}).withPlugin({
      transformQuery ({ node }) {
        writeSync(1, '.')
        if (++count === ${at}) process.kill(process.pid, 'SIGKILL')
        return node
      },
      async transformResult ({ result }) { return result }
    })
    await new Migrator(db).${direction === 'up' ? 'up()' : 'down(99)'}
    await db.destroy()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let statements = 0
  child.stdout.on('data', chunk => {
    statements += chunk.length
  })
  const signal = await new Promise(resolve => child.on('close', (_, signal) => resolve(signal)))
  return { statements, signal }
}

function stateOf(dataDir: string) {
  return withDatabase(dataDir, db => ({
    integrity: db.pragma('integrity_check'),
    schema: db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all(),
    done: db.prepare('SELECT name FROM migrations ORDER BY name').pluck().all()
  }))
}

t.test(
  'whoever is killed in a migration leaves it undone as a whole, and the next brings it to its end',
  { timeout: ROUNDS * 10_000 + 60_000 },
  async t => {
    const random = seededRandom(t)
    const folder = testFolder(t)
    const fresh = (name: string) => {
      mkdirSync(join(folder, name))
      return join(folder, name)
    }
    // How the database stands after each migration, made by nobody who is killed.
    const whole = fresh('whole')
    const { statements, signal } = await migrate(whole, 'up', NEVER)
    t.equal(signal, null)
    const { done: all, schema: last } = stateOf(whole)
    const standing = new Map([[all.length, last]])
    const db = openDatabase(whole)
    for (let left = all.length - 1; left >= 0; left--) {
      await new Migrator(db).down(1)
      standing.set(left, stateOf(whole).schema)
    }
    await db.destroy()

    for (let round = 1; round <= ROUNDS; round++) {
      const dataDir = fresh(`round-${round}`)
      const direction = round % 2 ? 'up' : 'down'
      if (direction === 'down') await migrate(dataDir, 'up', NEVER)
      // Before the second there is not even a list of migrations.
      const at = 2 + Math.floor(random() * (statements - 1))
      const killed = await migrate(dataDir, direction, at)
      if (direction === 'up') t.equal(killed.signal, 'SIGKILL')
      const { integrity, schema, done } = stateOf(dataDir)
      t.same(integrity, [{ integrity_check: 'ok' }])
      t.same(done, all.slice(0, done.length))
      t.same(schema, standing.get(done.length), `killed on the way ${direction}, at statement ${at}`)

      t.equal((await migrate(dataDir, 'up', NEVER)).signal, null)
      t.same(stateOf(dataDir).schema, last)
    }
  }
)
