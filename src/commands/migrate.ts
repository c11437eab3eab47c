/** `npm run migrate` brings the database up to this version; `npm run migrate down [N]` takes back the newest N (1). */
import '../config/load-env.ts'
import settings from '../../gunicorn-equivalent.config.ts'
import { readConfig } from '../config/config.ts'
import { lockDataDir } from '../db/lock.ts'
import { Migrator } from '../db/migrate.ts'
import { openDatabase } from '../db/open.ts'
import { StartError } from '../lib/errors.ts'

const [direction = 'up', count = '1', ...rest] = process.argv.slice(2)
try {
  const steps = Number(count)
  if (!['up', 'down'].includes(direction) || !Number.isInteger(steps) || steps < 1 || rest.length > 0) {
    throw new StartError('Usage: npm run migrate [up | down [how many, default 1]]')
  }
  const { dataDir } = readConfig(process.env, settings)
  const unlock = lockDataDir(dataDir)
  const db = openDatabase(dataDir)
  try {
    const migrator = new Migrator(db)
    const names = direction === 'up' ? (await migrator.up()).applied : await migrator.down(steps)
    console.log(names.length === 0 ? 'Nothing to do.' : `${direction}: ${names.join(', ')}`)
  } finally {
    await db.destroy()
    unlock()
  }
} catch (error) {
  if (!(error instanceof StartError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
