/** `node src/db/check.ts DATA_DIR`: SQLite's own check of the whole database; exits 1 when it finds damage. */
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'

const file = join(process.argv[2] ?? 'data', 'botyard.db')
try {
  const db = new BetterSqlite3(file, { readonly: true, fileMustExist: true })
  const findings = db.pragma('integrity_check') as { integrity_check: string }[]
  for (const { integrity_check: finding } of findings) console.log(`${file}: ${finding}`)
  process.exitCode = findings.every(row => row.integrity_check === 'ok') ? 0 : 1
} catch (error) {
  console.error(`${file}: ${(error as Error).message}`)
  process.exitCode = 1
}
