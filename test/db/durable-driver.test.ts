import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { testFolder } from '../support/folder.ts'

const strace = spawnSync('strace', ['--version']).status === 0
const skip = strace || process.env.CI === 'true' ? false : 'strace is not installed'

/**
 * What the kernel was asked for by statements that are run on a database: flushes, and the steps that they name with
 * `step(name)`. Where `slow`, each flush of theirs takes so long that whoever does not wait for it is seen to go on.
 */
function traceOf(t: Test, statements: string, { slow = false } = {}): string {
  const folder = testFolder(t)
  const trace = join(folder, 'trace')
  const program = `
    import { writeSync } from 'node:fs'
    const { openDatabase } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/db/open.ts'))})
    const { Migrator } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/db/migrate.ts'))})
    const db = openDatabase(${JSON.stringify(folder)})
    await new Migrator(db).up()
    const probe = at => db.insertInto('health_probe').values({ id: at, at })
    const step = name => writeSync(1, 'step ' + name)
    ${statements}
    await db.destroy()`
  const delayed = slow ? ['-e', 'inject=fdatasync:delay_enter=200000'] : []
  const args = ['-f', '-y', '-s', '100', '-e', 'trace=write,fdatasync,fsync', ...delayed, '-o', trace]
  const run = spawnSync('strace', [...args, process.execPath, '--input-type=module', '-e', program], {
    encoding: 'utf8'
  })
  t.equal(run.status, 0, run.stderr)
  return readFileSync(trace, 'utf8')
}

t.test('a write is flushed to the disk before it is acknowledged, and a read is not', { skip }, async t => {
  // Each step says so with a write to a descriptor of its own, between whose lines the flushes are counted.
  const trace = traceOf(
    t,
    `step('read')
    await db.selectFrom('health_probe').selectAll().execute()
    step('write')
    await probe(1).execute()
    step('transaction')
    await db.transaction().execute(trx => trx.insertInto('health_probe').values({ id: 2, at: 2 }).execute())
    step('end')`
  )

  const steps = trace.split(/write\(1<[^\n]*"step /).slice(1)
  const flushes = (name: string) =>
    steps.find(step => step.startsWith(name))!.match(/f(data)?sync\(\d+<[^>]*botyard\.db-wal>/g)?.length ?? 0
  t.equal(flushes('read'), 0)
  t.equal(flushes('write'), 1)
  t.equal(flushes('transaction'), 1)
})

t.test('what a transaction has read is on the disk before anybody is told of it', { skip }, async t => {
  const trace = traceOf(
    t,
    `step('write')
    const written = probe(1).execute().then(() => step('written'))
    const found = await db.transaction().execute(trx => trx.selectFrom('health_probe').selectAll().execute())
    step('found ' + found.length)
    await written`,
    { slow: true }
  )

  const after = trace.slice(trace.indexOf('"step write"'))
  const flushed = after.search(/fdatasync(\(\d+<[^>]*botyard\.db-wal>\)| resumed>.*\)) += 0/)
  const found = after.indexOf('"step found 1"')
  t.ok(flushed > 0, 'it was flushed')
  t.ok(found > 0, 'it was read')
  t.ok(found > flushed, 'and told after that')
})

t.test('a database that is closed waits for whoever wrote while others were flushed', { skip }, async t => {
  const trace = traceOf(
    t,
    `const written = [probe(1).execute()]
    // Each flush takes 200 ms: the second write comes during that of the first.
    await new Promise(resolve => setTimeout(resolve, 50))
    written.push(probe(2).execute())
    await new Promise(resolve => setTimeout(resolve, 50))
    await Promise.all([db.destroy(), ...written])
    step('end')`,
    { slow: true }
  )
  t.match(trace, /"step end/)
})
