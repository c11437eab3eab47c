/** `node src/db/check.ts DATA_DIR`: SQLite's own check of the database. Exits 2 for damage, 1 when it could not be looked at. */
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { isDamage } from './open.ts'

const file = join(process.argv[2] ?? 'data', 'botyard.db')
try {
  const db = new BetterSqlite3(file, { readonly: true, fileMustExist: true })
  const findings = db.pragma('integrity_check') as { integrity_check: string }[]
  for (const { integrity_check: finding } of findings) console.log(`${file}: ${finding}`)
  process.exitCode = findings.every(row => row.integrity_check === 'ok') ? 0 : 2
} catch (error) {
  console.error(`${file}: ${(error as Error).message}`)
  process.exitCode = isDamage(error) ? 2 : 1
}
