import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { Pulse } from '../../src/logs/pulse.ts'
import { eventually } from '../support/wait.ts'

const QUIET_MS = 1000

/** A folder under a pulse, and how often it has been looked at. */
class Watched {
  readonly folder: string
  readonly stop: () => void
  readonly nudge: () => void
  looks = 0
  /** Looks since the last one that said that something moved. */
  moves = false

  constructor(pulse: Pulse, folder: string) {
    this.folder = folder
    const handle = pulse.add(folder, () => {
      this.looks++
      return this.moves
    })
    this.stop = handle.stop
    this.nudge = handle.nudge
  }

  async looksAgain(times: number): Promise<void> {
    const enough = this.looks + times
    await eventually(`${times} more looks`, () => this.looks >= enough)
  }
}

function newPulse(t: Test): Pulse {
  const pulse = new Pulse()
  t.teardown(() => pulse.stop())
  return pulse
}

t.test('a look comes again, whether something moved or not', async t => {
  const folders = t.testdir({ moving: {}, still: {} })
  const pulse = newPulse(t)
  const moving = new Watched(pulse, join(folders, 'moving'))
  const still = new Watched(pulse, join(folders, 'still'))
  moving.moves = true

  await moving.looksAgain(20)
  await still.looksAgain(20)
})

t.test(
  'a quiet folder is looked at more often again as soon as a file in it changes, and a nudge does the same',
  async t => {
    const folders = t.testdir({ woken: { log: '' }, nudged: {}, quiet: { log: '' } })
    const pulse = newPulse(t)
    const woken = new Watched(pulse, join(folders, 'woken'))
    const nudged = new Watched(pulse, join(folders, 'nudged'))
    const quiet = new Watched(pulse, join(folders, 'quiet'))
    const began = performance.now()
    await eventually('quiet', () => performance.now() - began > QUIET_MS)
    await quiet.looksAgain(2) // of which the second comes at the pace of the quiet

    const before = { woken: woken.looks, nudged: nudged.looks, quiet: quiet.looks }
    // Both share one timer with the quiet one: only because they woke can they be ahead of it.
    const ahead = (of: Watched, looksBefore: number) => of.looks - looksBefore - (quiet.looks - before.quiet) >= 10
    await eventually('more looks at the woken', () => {
      appendFileSync(join(woken.folder, 'log'), 'x')
      return ahead(woken, before.woken)
    })
    await eventually('more looks at the nudged', () => {
      nudged.nudge()
      return ahead(nudged, before.nudged)
    })
    t.ok(ahead(woken, before.woken))
  }
)

t.test('what is stopped is not looked at again, by no change and no nudge', async t => {
  const folders = t.testdir({ stopped: {}, other: {} })
  const pulse = newPulse(t)
  const stopped = new Watched(pulse, join(folders, 'stopped'))
  const other = new Watched(pulse, join(folders, 'other'))
  other.moves = true
  await stopped.looksAgain(3)
  stopped.stop()
  const { looks } = stopped

  writeFileSync(join(stopped.folder, 'log'), 'x')
  stopped.nudge()
  await other.looksAgain(20)

  t.equal(stopped.looks, looks)
})

t.test('a quiet folder that is stopped is not woken by its watch', async t => {
  const folders = t.testdir({ stopped: {}, other: {} })
  const pulse = newPulse(t)
  const stopped = new Watched(pulse, join(folders, 'stopped'))
  const other = new Watched(pulse, join(folders, 'other'))
  other.moves = true
  const began = performance.now()
  await eventually('quiet', () => performance.now() - began > QUIET_MS)
  await stopped.looksAgain(2)
  stopped.stop()
  const { looks } = stopped

  writeFileSync(join(stopped.folder, 'log'), 'x')
  await other.looksAgain(20)

  t.equal(stopped.looks, looks)
})

t.test('a stopped pulse looks at nothing, and at nothing that is added later', async t => {
  const folders = t.testdir({ one: {}, late: {}, other: {} })
  const pulse = newPulse(t)
  const one = new Watched(pulse, join(folders, 'one'))
  const other = new Watched(newPulse(t), join(folders, 'other'))
  await one.looksAgain(3)
  pulse.stop()
  const { looks } = one

  const late = new Watched(pulse, join(folders, 'late'))
  writeFileSync(join(one.folder, 'log'), 'x')
  one.nudge()
  await other.looksAgain(20)

  t.equal(one.looks, looks)
  t.equal(late.looks, 0)
})

t.test('a look may stop itself', async t => {
  const pulse = newPulse(t)
  let looks = 0
  const handle = pulse.add(t.testdir({}), () => {
    looks++
    handle.stop()
    return true
  })
  const other = new Watched(pulse, t.testdirName)
  await other.looksAgain(20)
  t.equal(looks, 1)
})

t.test('a folder that goes away is looked at all the same', async t => {
  const folder = t.testdir({ log: '' })
  const watched = new Watched(newPulse(t), folder)
  const began = performance.now()
  await eventually('quiet', () => performance.now() - began > QUIET_MS)
  await watched.looksAgain(2)
  rmSync(folder, { recursive: true })
  await watched.looksAgain(5)
})

t.test('a process ends by itself when its pulse, or all it looked at, is stopped', async t => {
  const pulse = pathToFileURL(join(import.meta.dirname, '../../src/logs/pulse.ts')).href
  for (const last of ['pulse.stop()', 'watched.stop()']) {
    const script = `
      import { Pulse } from ${JSON.stringify(pulse)}
      const pulse = new Pulse()
      const began = performance.now()
      let looks = 0
      const watched = pulse.add(${JSON.stringify(t.testdir({}))}, () => {
        looks++
        // Once while it moves, and once while a watch is on it.
        if (performance.now() - began > ${QUIET_MS + 200}) ${last}
        return false
      })
      process.on('exit', () => console.log(looks))`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    t.teardown(() => child.kill('SIGKILL'))
    let printed = ''
    child.stdout.on('data', chunk => {
      printed += chunk
    })
    const [code] = await once(child, 'close')
    t.equal(code, 0, last)
    t.ok(Number(printed) > 1, `${last} after some looks`)
  }
})
