import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { buildApp } from '../support/app.ts'
import { withDatabase } from '../support/database.ts'
import { refusalOf } from '../support/refusal.ts'

/** Every file of a folder by its path, with a hash of what it holds. */
function contentsOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return Object.fromEntries(
    files.map(file => {
      const path = join(file.parentPath, file.name)
      return [path, createHash('sha256').update(readFileSync(path)).digest('hex')]
    })
  )
}

/** A data folder that a server has used and left in good order. */
async function usedDataDir(t: Test): Promise<string> {
  const dataDir = t.testdir({})
  const app = await buildApp(t, { dataDir })
  await app.makeBot(['/bin/true'])
  await app.app.http.close()
  return dataDir
}

/** As {@link refusalOf}, and finds the data folder as it was. */
async function refusalThatTouchesNothing(t: Test, dataDir: string): Promise<string> {
  const before = contentsOf(dataDir)
  const message = await refusalOf(t, { DATA_DIR: dataDir })
  t.same(contentsOf(dataDir), before, 'nothing on disk is changed')
  return message
}

t.test('a database of random bytes stops the start and is left as it is', async t => {
  const dataDir = await usedDataDir(t)
  writeFileSync(join(dataDir, 'botyard.db'), randomBytes(50_000))
  t.match(await refusalThatTouchesNothing(t, dataDir), /The database .*botyard\.db is damaged .* restore a backup/)
})

t.test('a database that was cut short stops the start and is left as it is', async t => {
  const dataDir = await usedDataDir(t)
  const file = join(dataDir, 'botyard.db')
  truncateSync(file, Math.floor(statSync(file).size / 2))
  t.match(await refusalThatTouchesNothing(t, dataDir), /The database .*botyard\.db is damaged .* restore a backup/)
})

t.test('a database that is damaged behind an intact first page stops the start and is left as it is', async t => {
  const dataDir = await usedDataDir(t)
  const file = join(dataDir, 'botyard.db')
  const whole = readFileSync(file)
  writeFileSync(file, Buffer.concat([whole.subarray(0, 4096), randomBytes(whole.length - 4096)]))
  t.match(await refusalThatTouchesNothing(t, dataDir), /The database .*botyard\.db is damaged .* restore a backup/)
})

t.test('a database newer than the server stops the start, with the command that takes it back', async t => {
  const dataDir = await usedDataDir(t)
  withDatabase(dataDir, db => {
    const insert = db.prepare('INSERT INTO migrations VALUES (?, ?, ?)')
    insert.run('9998-later', 'x', Date.now())
    insert.run('9999-latest', 'x', Date.now())
  })
  const message = await refusalThatTouchesNothing(t, dataDir)
  t.match(message, 'The database is newer than this version: it has 9998-later, 9999-latest.')
  t.match(message, /npm run migrate down 2$/)
})
