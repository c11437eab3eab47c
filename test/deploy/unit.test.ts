/** The unit for systemd and the scripts beside it, as those who know them best read them. */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import settings from '../../gunicorn-equivalent.config.ts'
import { testFolder } from '../support/folder.ts'

const ROOT = join(import.meta.dirname, '../..')
const UNIT = readFileSync(join(ROOT, 'deploy/botyard.service'), 'utf8')

/** A program that is elsewhere skipped by name. */
const needs = (program: string) => ({
  skip: existsSync(program) || process.env.CI === 'true' ? false : `there is no ${program} on this machine`
})
const needsAnalyze = needs('/usr/bin/systemd-analyze')
const needsShellcheck = needs('/usr/bin/shellcheck')

/** What a line of the unit says; of several, the last. */
const said = (name: string) => [...UNIT.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].at(-1)?.[1]

/** The unit as if this repository lay where it is to be. */
function unitHere(t: Test): string {
  const path = join(testFolder(t), 'botyard.service')
  writeFileSync(path, UNIT.replaceAll('/opt/botyard', ROOT))
  return path
}

t.test('systemd finds nothing wrong with the unit', needsAnalyze, async t => {
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unitHere(t)], { encoding: 'utf8' })
  // What came with a later systemd an older one leaves out, and says so.
  const complaints = stderr.split('\n').filter(line => line.includes('botyard') && !line.includes("'DelegateSubgroup'"))
  t.same({ status, complaints }, { status: 0, complaints: [] })
})

t.test('the unit takes from bots what they can do without', needsAnalyze, async t => {
  // The measure counts against it the network, files of others and the processes of bots, which they need. 96 is nothing at all.
  const args = ['security', '--no-pager', '--offline=true', '--threshold=62', unitHere(t)]
  const { stdout } = await promisify(execFile)('systemd-analyze', args)
  t.match(stdout, /Overall exposure level/)
})

t.test('bots outlive a restart by this unit, and what they use does', async t => {
  t.match(said('KillMode'), /^process$/)
  t.match(said('OOMPolicy'), /^continue$/)
  t.match(said('Delegate'), /^yes$/)
  for (const name of ['PrivateTmp', 'RuntimeDirectory', 'DynamicUser', 'PrivateDevices'])
    t.equal(said(name), undefined, name)
})

t.test('the unit gives a stop the time that the server takes for it', async t => {
  t.ok(Number(said('TimeoutStopSec')) > settings.gracefulTimeout)
})

t.test('shellcheck finds nothing wrong with the scripts', needsShellcheck, async t => {
  const scripts = globSync('deploy/*.sh', { cwd: ROOT })
  t.ok(scripts.length >= 2)
  const { status, stdout } = spawnSync('shellcheck', [...scripts, '.ci/run'], { cwd: ROOT, encoding: 'utf8' })
  t.same({ status, stdout }, { status: 0, stdout: '' })
})
