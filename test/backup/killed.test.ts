/** Whoever ends a backup in its middle, or leaves it no room, finds nothing that looks like a whole one; the next is whole. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { seededRandom } from '../support/attempts.ts'
import { backUp, backupsIn, beginCommand, restoreFrom, runCommand } from '../support/backup.ts'
import { testFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'
import { rounds } from '../support/soak.ts'
import { eventually } from '../support/wait.ts'

const MIB = 1024 * 1024
const mayMount = process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0
const skip = mayMount || process.env.CI === 'true' ? false : 'only root can mount a small disk'

const dir = testFolder(t)
const dataDir = join(dir, 'data')
const server = await startServer(t, dataDir)
// Nothing that compresses well: a backup of it takes a while, and room.
const { id } = await server.finished(['/bin/sh', '-c', 'head -c 24000000 /dev/urandom'])
const log = await server.downloadLog(id)

/** Looks for the log in a backup, by restoring it. */
async function isWhole(t: Test, path: string, place = `${path}.restored`): Promise<void> {
  await restoreFrom(path, place)
  const [attempt] = readdirSync(join(place, 'attempts'))
  t.ok(readFileSync(join(place, 'attempts', attempt!, 'log')).equals(log))
}

t.test('killed at any moment', async t => {
  const random = seededRandom(t)
  const backups = join(dir, 'killed')
  mkdirSync(backups)
  const bytesThere = () => {
    const unfinished = readdirSync(backups).find(name => name.endsWith('.partial'))
    return unfinished ? (statSync(join(backups, unfinished), { throwIfNoEntry: false })?.size ?? 0) : 0
  }
  let killed = 0
  for (let round = 1; round <= rounds(4, 200); round++) {
    const before = backupsIn(backups)
    const child = beginCommand('backup', [backups], { DATA_DIR: dataDir })
    const exited = new Promise(resolve => child.on('exit', (code, signal) => resolve(signal ?? code)))
    // Places in its work rather than in time: it has just begun, or so much of it is written.
    const wanted = Math.floor(random() * 4) * 4 * MIB
    const hasCome = () => existsSync(join(dataDir, '.backup')) && bytesThere() >= wanted
    await eventually('it to come so far', () => hasCome() || child.exitCode !== null)
    child.kill('SIGKILL')
    const wasKilled = (await exited) === 'SIGKILL'
    if (wasKilled) killed++
    t.equal(backupsIn(backups).length - before.length, wasKilled ? 0 : 1, `${wanted} bytes written`)
  }
  t.ok(killed > 0)
  for (const name of backupsIn(backups)) await isWhole(t, join(backups, name), join(dir, `restored-${name}`))
  t.equal((await runCommand('backup', [backups], { DATA_DIR: dataDir })).code, 0)
  t.same(readdirSync(backups).sort(), backupsIn(backups), 'what was left by those that were killed is gone')
  t.notOk(existsSync(join(dataDir, '.backup')))
  await isWhole(t, join(backups, backupsIn(backups).at(-1)!))
})

t.test('no room where it is to go', { skip }, async t => {
  const small = join(dir, 'small')
  mkdirSync(small)
  t.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=10m', 'tmpfs', small]).status, 0)
  t.teardown(() => spawnSync('umount', ['-l', small]))
  const { code, stderr } = await runCommand('backup', [small], { DATA_DIR: dataDir })
  t.equal(code, 1)
  t.match(stderr, `The backup could not be written: the disk of ${small} is full.`)
  t.same(readdirSync(small), [])
})

t.test('no such folder, no right to it, nothing to back up, nowhere to go: it says so', async t => {
  const said = async (args: string[], env: Record<string, string> = { DATA_DIR: dataDir }) => {
    const { code, stdout, stderr } = await runCommand('backup', args, env)
    t.equal(code, 1)
    t.equal(stdout, '')
    return stderr
  }
  t.match(await said([]), 'BACKUP_URL is not set')
  t.match(await said([join(dir, 'forgotten')]), /There is no folder .*forgotten\. Make it/)
  t.notOk(existsSync(join(dir, 'forgotten')), 'nor is a file made by the name of the folder')
  t.match(await said([join(dir, 'nowhere/deep.tar.zst')]), /Backups cannot be written into .*nowhere.*Make the folder/)
  t.match(await said([join(dataDir, 'botyard.db')]), 'is there already')
  t.match(await said(['/proc']), /The backup could not be written: ENOENT|Backups cannot be written into/)
  t.match(await said([dir], { DATA_DIR: join(dir, 'empty') }), 'There is no database in')
  t.match(await said(['a', 'b']), 'Usage: npm run backup')
})

t.test('one at a time', async t => {
  const backups = join(dir, 'at-a-time')
  mkdirSync(backups)
  const first = beginCommand('backup', ['-'], { DATA_DIR: dataDir })
  const exited = new Promise(resolve => first.on('exit', resolve))
  await new Promise(resolve => first.stdout!.once('readable', resolve)) // and nobody reads: it waits there
  const second = await runCommand('backup', [backups], { DATA_DIR: dataDir })
  t.equal(second.code, 1)
  t.match(second.stderr, 'Another backup of')
  const bytes: Buffer[] = []
  for await (const piece of first.stdout!) bytes.push(piece)
  t.equal(await exited, 0)
  const path = join(dir, 'by-stdout')
  writeFileSync(path, Buffer.concat(bytes))
  await isWhole(t, path)
})

t.test('a name of its own, and the oldest go', async t => {
  const backups = join(dir, 'kept')
  mkdirSync(backups)
  const named = join(backups, 'mine.tar.zst')
  t.equal((await runCommand('backup', [named], { DATA_DIR: dataDir })).code, 0)
  const others = ['botyard-2020-01-01T00-00-00Z.tar.zst', 'botyard-2020-01-02T00-00-00Z.tar.zst.age']
  const foreign = ['botyard-2019.tar.zst', 'notes.txt', 'botyard-2020-01-01T00-00-00Z.tar.zst.copy']
  for (const name of [...others, ...foreign]) writeFileSync(join(backups, name), '')
  const said = await runCommand('backup', [], { DATA_DIR: dataDir, BACKUP_URL: backups, BACKUP_KEEP: '2' })
  t.equal(said.code, 0, said.stderr)
  t.match(said.stdout, `Removed as older than the newest 2: ${others[0]}`)
  const left = readdirSync(backups)
  t.ok([others[1]!, 'mine.tar.zst', ...foreign].every(name => left.includes(name)))
  t.notOk(left.includes(others[0]!))
  t.equal(left.length, 6)
})

t.test('without the server', async t => {
  await server.kill('SIGKILL')
  const backups = join(dir, 'stopped')
  mkdirSync(backups)
  await isWhole(t, (await backUp(dataDir, backups)).path)
})
