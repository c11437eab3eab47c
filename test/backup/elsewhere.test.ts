/** Backups in buckets, and opened by the tools of any machine. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { backUp, restoreFrom, runCommand } from '../support/backup.ts'
import { testFolder } from '../support/folder.ts'
import { startGcs } from '../support/gcs.ts'
import { needsS3, S3_KEYS, s3Url, startS3 } from '../support/s3.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const PASSPHRASE = 'a dozen words or so'
const has = (command: string) => spawnSync('/bin/sh', ['-c', `command -v ${command}`]).status === 0
const tools = ['age', 'script', 'tar', 'zstd', 'sha256sum'].filter(command => !has(command))
const skip = tools.length === 0 || process.env.CI === 'true' ? false : `${tools.join(', ')} not installed`

const dir = testFolder(t, { out: {} })
const dataDir = join(dir, 'data')
const server = await startServer(t, dataDir)
// Names that a checksum file has to escape.
const made = 'cd "$BOTYARD_ARTIFACTS"; echo a >"$(printf "a\\\\b\\nc")"; echo b >"ü – ✓"; mkdir deep; echo c >deep/c'
const { id } = await server.finished(['/bin/sh', '-c', `head -c 3000000 /dev/urandom; ${made}`])
const log = await server.downloadLog(id)

function logIn(restored: string, path = 'attempts'): Buffer {
  const [attempt] = spawnSync('ls', [join(restored, path)], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n')
  return readFileSync(join(restored, path, attempt!, 'log'))
}

async function inBucket(url: (prefix: string) => string, env: Record<string, string>): Promise<void> {
  const settings = { DATA_DIR: dataDir, BACKUP_URL: url('some/prefix'), BACKUP_KEEP: '1', ...env }
  const first = await runCommand('backup', [], settings)
  t.equal(first.code, 0, first.stderr)
  const second = await runCommand('backup', [], settings)
  t.equal(second.code, 0, second.stderr)
  const name = /botyard-\S+\.tar\.zst/
  t.match(second.stdout, `Removed as older than the newest 1: ${name.exec(first.stdout)![0]}`)

  const place = join(dir, `from-${url('').slice(0, 2)}`)
  const address = url(`some/prefix/${name.exec(second.stdout)![0]}`)
  const restored = await runCommand('restore', [address, `--data-dir=${place}`], env)
  t.equal(restored.code, 0, restored.stderr)
  t.ok(logIn(place).equals(log))
}

t.test('in a bucket of S3', needsS3, async () => {
  const port = await startS3(t)
  await inBucket(prefix => s3Url(port, prefix), S3_KEYS)
})

t.test("in a bucket of Google's", async t => {
  const { url } = await startGcs(t)
  await inBucket(prefix => `gs://bots/${prefix}`, { STORAGE_EMULATOR_HOST: url })
})

t.test('a bucket that is not there is told', async t => {
  const { url } = await startGcs(t)
  const env = { DATA_DIR: dataDir, STORAGE_EMULATOR_HOST: url }
  const said = await runCommand('backup', ['gs://others/x'], env)
  t.match(said, { code: 1, stderr: /^Backups in gs:\/\/others\/x could not be listed: / })
})

t.test('the tools of any machine open it', { skip }, async t => {
  const { path } = await backUp(dataDir, join(dir, 'out'), { passphrase: PASSPHRASE })
  const opened = join(dir, 'opened')
  mkdirSync(opened)
  // age asks on a terminal.
  const age = spawn('script', ['-qefc', `age -d -o ${opened}/plain.tar.zst ${path}`, '/dev/null'])
  let asked = ''
  age.stdout.on('data', text => {
    asked += text
  })
  await eventually('it to ask', () => asked.includes('passphrase'))
  age.stdin.end(`${PASSPHRASE}\n`)
  t.equal(await new Promise(resolve => age.on('exit', resolve)), 0)
  t.equal(spawnSync('tar', ['--zstd', '-xf', 'plain.tar.zst'], { cwd: opened }).status, 0)
  const sums = spawnSync('sha256sum', ['-c', '--strict', 'SHA256SUMS'], { cwd: opened, encoding: 'utf8' })
  t.equal(sums.status, 0, sums.stderr)
  t.ok(sums.stdout.split('\n').length > 8)
  t.ok(logIn(opened).equals(log))
  const place = join(dir, 'by-botyard')
  await restoreFrom(path, place, { passphrase: PASSPHRASE })
  const artifacts = (folder: string) =>
    spawnSync('/bin/sh', ['-c', 'cd attempts/*/artifacts && find . -type f -exec sha256sum {} + | sort'], {
      cwd: folder,
      encoding: 'utf8'
    }).stdout
  t.equal(artifacts(place), artifacts(dataDir))
  t.equal(artifacts(place).trim().split('\n').length, 3)
})
