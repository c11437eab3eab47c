import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { testFolder } from '../support/folder.ts'

const strace = spawnSync('strace', ['--version']).status === 0
const skip = strace || process.env.CI === 'true' ? false : 'strace is not installed'

t.test('a write is flushed to the disk before it is acknowledged, and a read is not', { skip }, async t => {
  const folder = testFolder(t)
  const trace = join(folder, 'trace')
  // Each step says so with a write to a descriptor of its own, between whose lines the flushes are counted.
  const program = `
    import { writeSync } from 'node:fs'
    const { openDatabase } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/db/open.ts'))})
    const { Migrator } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/db/migrate.ts'))})
    const db = openDatabase(${JSON.stringify(folder)})
    await new Migrator(db).up()
    const probe = at => db.insertInto('health_probe').values({ id: at, at })
    writeSync(1, 'step read')
    await db.selectFrom('health_probe').selectAll().execute()
    writeSync(1, 'step write')
    await probe(1).execute()
    writeSync(1, 'step transaction')
    await db.transaction().execute(trx => trx.insertInto('health_probe').values({ id: 2, at: 2 }).execute())
    writeSync(1, 'step end')
    await db.destroy()`
  const args = ['-f', '-y', '-s', '100', '-e', 'trace=write,fdatasync,fsync', '-o', trace]
  const run = spawnSync('strace', [...args, process.execPath, '--input-type=module', '-e', program], {
    encoding: 'utf8'
  })
  t.equal(run.status, 0, run.stderr)

  const steps = readFileSync(trace, 'utf8')
    .split(/write\(1<[^\n]*"step /)
    .slice(1)
  const flushes = (name: string) =>
    steps.find(step => step.startsWith(name))!.match(/f(data)?sync\(\d+<[^>]*botyard\.db-wal>/g)?.length ?? 0
  t.equal(flushes('read'), 0)
  t.equal(flushes('write'), 1)
  t.equal(flushes('transaction'), 1)
})
