/** Where groups of version 2 may be made: rules about names and files, tried on files that say what the kernel's would. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { placeIn } from '../../src/cgroups/place.ts'
import { lives } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'

const WANTED = ['memory', 'cpu', 'pids']

/** A group at `path` that could give controllers on, as the groups above it could, with some process in it. */
function groupAt(t: Test, path: string, { pid = 1, inner = true } = {}) {
  const top = testFolder(t)
  const folder = join(top, path)
  mkdirSync(folder, { recursive: true })
  for (const each of [folder, dirname(folder)]) writeFileSync(join(each, 'cgroup.controllers'), 'cpuset cpu memory\n')
  writeFileSync(join(folder, 'cgroup.procs'), `${pid}\n`)
  if (inner) writeFileSync(join(folder, 'cgroup.type'), 'domain\n')
  return { version: 2 as const, controllers: [], folder, path }
}

t.test('a group that systemd made for us in that of our service: beside it', async t => {
  const group = groupAt(t, '/system.slice/botyard.service/server')
  t.same(placeIn(group, WANTED), { parent: dirname(group.folder), controllers: ['cpu', 'memory'] })
})

t.test('the group of a service, of a session or of a slice: in it, but without controllers', async t => {
  for (const path of ['/system.slice/botyard.service', '/user.slice/session-3.scope', '/botyard.slice']) {
    const group = groupAt(t, path)
    t.same(placeIn(group, WANTED), { parent: group.folder, controllers: [] }, path)
    t.notOk(existsSync(join(group.folder, 'botyard-server')))
  }
})

t.test('the very top: in it, whatever else is there', async t => {
  const group = groupAt(t, '/', { inner: false })
  t.same(placeIn(group, WANTED), { parent: group.folder, controllers: ['cpu', 'memory'] })
})

t.test('all that a container sees, with somebody else’s process in it: without controllers', async t => {
  // Its parent ends, so it descends from nobody we know.
  const stranger = Number(execFileSync('/bin/sh', ['-c', 'sleep 300 >/dev/null 2>&1 & echo $!']))
  t.teardown(() => process.kill(stranger, 'SIGKILL'))
  const group = groupAt(t, '/', { pid: stranger })
  t.ok(lives(stranger))
  t.same(placeIn(group, WANTED), { parent: group.folder, controllers: [] })
})

t.test('where we have moved to before: beside it', async t => {
  const group = groupAt(t, '/botyard-server')
  t.same(placeIn(group, WANTED), { parent: dirname(group.folder), controllers: ['cpu', 'memory'] })
})
