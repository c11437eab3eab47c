import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { LiveLog } from '../../src/logs/live-log.ts'
import { MAX_CHUNK_BYTES } from '../../src/logs/log-file.ts'
import { liveLogOn } from '../support/live-log.ts'
import { bytesRead } from '../support/log-folder.ts'
import { eventually } from '../support/wait.ts'

const mayForbid = process.getuid?.() === 0 && spawnSync('chattr', ['-V']).error === undefined
const skip = mayForbid || process.env.CI === 'true' ? false : 'only root can forbid that a file is overwritten (chattr)'

/** A log whose file the test writes. It is looked at when the test says so. */
function liveLog(
  t: Test,
  options: Parameters<typeof liveLogOn>[1] = {}
): { log: LiveLog; path: string; print: (bytes: string | Uint8Array) => void } {
  const path = join(t.testdir({}), 'log')
  const log = liveLogOn(path, options)
  t.teardown(() => log.end())
  return { log, path, print: bytes => appendFileSync(path, bytes) }
}

/** Lets a file be appended to and nothing else, or anything again. */
function forbidOverwriting(path: string, forbid: boolean): void {
  const { status, stderr } = spawnSync('chattr', [forbid ? '+a' : '-a', path], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

/** Looks at it, and waits until what it found is published. True when there was movement. */
async function look(log: LiveLog): Promise<boolean> {
  const moved = log.look()
  await log.opened()
  return moved
}

async function lookUntilQuiet(log: LiveLog): Promise<void> {
  await eventually('a look that finds no movement', async () => !(await look(log)))
}

/** What a reader who stands at `from` is sent, chunk by chunk. It gives up where one that is stuck would go on for ever. */
async function chunksFrom(log: LiveLog, from: number): Promise<{ end: number; text: string; at: number | null }[]> {
  const chunks: { end: number; text: string; at: number | null }[] = []
  for (let at = from; at < log.published; at = chunks.at(-1)!.end) {
    if (chunks.length > 100) throw new Error(`a reader is stuck at ${at} of ${log.published}`)
    const { end, frame } = await log.read(at)
    chunks.push({ end, ...JSON.parse(/^data: (.*)$/m.exec(frame.toString())![1]!) })
  }
  return chunks
}

const textFrom = async (log: LiveLog, from: number) => (await chunksFrom(log, from)).map(chunk => chunk.text).join('')

t.test('whole lines are published, and the rest of a line with the line', async t => {
  const { log, print } = liveLog(t)
  t.equal(await look(log), false, 'there is no file yet')
  print('one\ntw')
  t.equal(await look(log), true)
  t.equal(log.published, 4)
  print('o\n\nthree\n')
  await look(log)
  t.equal(log.published, 15)
  t.equal(await textFrom(log, 4), 'two\n\nthree\n')
})

t.test('an unfinished line is published once nothing more has come for a while', async t => {
  const { log, print } = liveLog(t)
  print('name> ')
  t.equal(await look(log), true, 'it is to be looked at again soon')
  t.equal(log.published, 0)
  await lookUntilQuiet(log)
  t.equal(log.published, 6)
  print('Ada\n')
  await look(log)
  t.equal(await textFrom(log, 0), 'name> Ada\n')
})

t.test('a character is not published in parts, however long its rest takes', async t => {
  for (const character of ['é', '€', '😀']) {
    const bytes = Buffer.from(character)
    for (let cut = 1; cut < bytes.length; cut++) {
      const { log, print } = liveLog(t)
      print('>')
      print(bytes.subarray(0, cut))
      await lookUntilQuiet(log)
      t.equal(log.published, 1, `${cut} of ${bytes.length} bytes wait for the others`)
      print(bytes.subarray(cut))
      await lookUntilQuiet(log)
      t.equal(await textFrom(log, 1), character)
      log.end()
    }
  }
})

t.test('a line longer than a chunk is published in pieces, cut between characters', async t => {
  const { log, print } = liveLog(t)
  const line = `.${'€😀'.repeat(40_000)}`
  print(line)
  await look(log)
  t.ok(log.published > Buffer.byteLength(line) - MAX_CHUNK_BYTES, 'it is not held back until it is finished')
  await lookUntilQuiet(log)
  t.equal(log.published, Buffer.byteLength(line))

  const chunks = await chunksFrom(log, 0)
  t.ok(chunks.length > 3)
  t.ok(chunks.every(chunk => Buffer.byteLength(chunk.text) <= MAX_CHUNK_BYTES))
  t.equal(chunks.map(chunk => chunk.text).join(''), line)
})

t.test('chunks end where lines do', async t => {
  const { log, print } = liveLog(t)
  print(`${'x'.repeat(99)}\n`.repeat(3000))
  await look(log)
  const chunks = await chunksFrom(log, 0)
  t.ok(chunks.length > 3)
  t.ok(chunks.every(chunk => chunk.end % 100 === 0))
})

t.test('at its end a log is published whole: an unfinished line, and what is no character', async t => {
  const { log, print } = liveLog(t)
  print(Buffer.from('last\xe2\x82', 'latin1'))
  await log.publishAll()
  t.equal(log.published, 6)
  t.equal(await textFrom(log, 0), 'last\ufffd')
})

t.test('what another server may have published is published at once, and no part of a character', async t => {
  const { log, print } = liveLog(t)
  print(Buffer.from('one\nprompt> \xf0\x9f\x98', 'latin1'))
  log.adopt()
  await log.opened()
  t.equal(log.published, 12)
  t.equal(await log.snap(12), 12)
  t.ok(
    (await chunksFrom(log, 0)).every(chunk => chunk.at === null),
    'nobody here saw when it was printed'
  )
})

t.test('a log that is cut short while somebody reads it stops no reader and starts none anew', async t => {
  const text = 'line €\n'.repeat(20_000)
  const size = Buffer.byteLength(text)
  // In front of a line, within one, within a character of three bytes, one and two bytes in, and altogether.
  for (const left of [9 * 100, 9 * 100 + 2, 9 * 100 + 6, 9 * 100 + 7, 0]) {
    const { log, path, print } = liveLog(t)
    print(text)
    await look(log)
    t.equal(log.published, size)
    truncateSync(path, left)

    t.equal(await look(log), false, `cut to ${left}: nothing is new`)
    t.equal(log.published, size, `cut to ${left}: what was published stays so`)
    for (const from of [0, left - 1, left, left + 1, size - 9].filter(from => from >= 0)) {
      await t.resolves(chunksFrom(log, from), `cut to ${left}: a reader at ${from} comes to the end`)
    }
    log.end()
  }
})

t.test('a log that was cut short goes on once it has grown past what was published', async t => {
  const { log, path, print } = liveLog(t)
  print('0123456789\n')
  await look(log)
  writeFileSync(path, 'short\n')
  t.equal(await look(log), false)
  print('and longer than before\n')
  await lookUntilQuiet(log)
  t.equal(await textFrom(log, 11), 'short\nand longer than before\n'.slice(11))
})

t.test('readers at one place are sent the same bytes, made once', async t => {
  const { log, print } = liveLog(t)
  print('one\n')
  await look(log)
  const [first, second] = await Promise.all([log.read(0), log.read(0)])
  t.equal(first.frame, second.frame)
})

t.test('a chunk says when it was published', async t => {
  const { log, print } = liveLog(t)
  const before = Date.now()
  print('one\n')
  await look(log)
  print('two\n')
  await look(log)
  const [chunk] = await chunksFrom(log, 4)
  t.ok(chunk!.at! >= before && chunk!.at! <= Date.now())
})

t.test('a follower hears of more and of the end, until it stops following', async t => {
  const { log, print } = liveLog(t)
  let heard = 0
  const unfollow = log.follow(() => heard++)
  let others = 0
  log.follow(() => others++)

  print('one\n')
  await look(log)
  await look(log)
  t.equal(heard, 1, 'once for what is new')
  unfollow()
  print('two\n')
  await look(log)
  t.equal(heard, 1)
  log.end()
  t.same([heard, others, log.ended], [1, 3, true])
})

t.test('who follows a log may read it after its end', async t => {
  const { log, print } = liveLog(t)
  const unfollow = log.follow(() => {})
  print('one\ntwo\n')
  await log.publishAll()
  log.end()
  t.equal(await textFrom(log, 4), 'two\n')
  unfollow()
})

t.test('who comes to a log that has just ended, and been closed by all others, may still read it', async t => {
  const { log, print } = liveLog(t)
  print('one\ntwo\n')
  await log.publishAll()
  const others = log.follow(() => {})
  await log.read(0)
  log.end()
  others()
  const unfollow = log.follow(() => {})
  t.equal(await textFrom(log, 4), 'two\n')
  unfollow()
})

const FLOOD = Array.from({ length: 50_000 }, (_, i) => `line ${i + 1} of a flood of them\n`)
const HALVES = [FLOOD.slice(0, 25_000), FLOOD.slice(25_000)].map(half => 'x'.repeat(1024 * 1024).concat('\n', ...half))

t.test('a flood that nobody watches is indexed when it is over, and read by line all the same before', async t => {
  const { log, path, print } = liveLog(t)
  const index = join(path, '../index')
  for (const half of HALVES) {
    print(half)
    t.equal(await look(log), true)
  }
  t.equal(existsSync(index), false, 'while it goes on')
  t.equal((await (await log.lines()).page(25_001, 1))[0]?.text, 'line 25000 of a flood of them')

  await eventually('the index of all of it', async () => {
    await look(log)
    return existsSync(index) && statSync(index).size >= 24 * Math.floor(log.published / (64 * 1024))
  })
  t.equal((await log.lines()).count, 50_002)
})

t.test('what somebody watches is indexed from the bytes it is published by', async t => {
  const { log, print } = liveLog(t, { audience: { listens: () => true, hear: () => {} } })
  const before = bytesRead()
  for (const half of HALVES) {
    print(half)
    await look(log)
    await log.lines()
  }
  t.equal((await log.lines()).count, 50_002)
  t.ok(bytesRead() - before < 1.1 * log.published, 'each byte is read once')
})

t.test('what may be the beginning of a secret is not published, however long its rest takes', async t => {
  const { log, print } = liveLog(t)
  await log.hide(['hunter22'])
  print('password: hunt')
  await lookUntilQuiet(log)
  t.equal(await textFrom(log, 0), 'password: ')
  print('er2')
  await lookUntilQuiet(log)
  t.equal(log.published, 10)
  print('2')
  await lookUntilQuiet(log)
  t.equal(await textFrom(log, 10), '********')
})

t.test('to a terminal all is published at once, but for parts of characters and of secrets', async t => {
  const { log, print } = liveLog(t, { eager: true })
  await log.hide(['hunter22'])
  const seen: [number, string][] = []
  for (const bytes of [
    '$',
    ' ls',
    '\r\n',
    Buffer.of(0xe2, 0x82),
    Buffer.of(0xac),
    'hun',
    't: ',
    'hunter2',
    '2',
    '\n'
  ]) {
    const from = log.published
    print(bytes)
    await look(log)
    seen.push([log.published, await textFrom(log, from)])
  }
  t.same(seen, [
    [1, '$'],
    [4, ' ls'],
    [6, '\r\n'],
    [6, ''],
    [9, '€'],
    [9, ''],
    [15, 'hunt: '],
    [15, ''],
    [23, '********'],
    [24, '\n']
  ])
})

t.test('a reader whose place a server before this one gave out waits there, and is not sent back', async t => {
  const { log, path, print } = liveLog(t)
  await log.hide(['hunter22'])
  // Published by a server that saw the end of it, and died before it could say so.
  print('one\nhun')
  const next = liveLogOn(path)
  next.adopt()
  await next.opened()
  t.equal(next.published, 4)
  t.equal(next.look(), false, 'what was printed before is no movement')
  t.equal(await next.snap(7), 7, 'where somebody stood')
  t.equal(await next.snap(8), 4, 'where nobody stood')
  print('ger\n')
  await look(next)
  t.equal(await textFrom(next, 7), 'ger\n')
  await next.finishIndex()
  next.end()
})

t.test('what a server before this one did not come to is hidden before anything is published', async t => {
  const { log, path, print } = liveLog(t)
  await log.hide(['hunter22'])
  print('::add-mask::swordfish\n')
  await look(log)
  print(`${'hunter22 swordfish\n'.repeat(50_000)}hunter`)
  const next = liveLogOn(path)
  next.adopt()
  t.equal(next.published, 0)
  await next.opened()
  const clean = `::add-mask::*********\n${'******** *********\n'.repeat(50_000)}`
  t.equal(next.published, clean.length)
  t.equal(readFileSync(path, 'utf8'), `${clean}hunter`)
  await next.publishAll()
  t.equal(readFileSync(path, 'utf8'), `${clean}******`)
  await next.finishIndex()
  next.end()
})

t.test('a log in which nothing can be overwritten is published no further, until it can', { skip }, async t => {
  const complaints: string[] = []
  const { log, path, print } = liveLog(t, { complain: what => complaints.push(what) })
  await log.hide(['hunter22'])
  print('one\n')
  await look(log)
  forbidOverwriting(path, true)
  try {
    print('two\n')
    await look(log)
    t.equal(log.published, 8, 'what is clean is published')
    print('hunter22\n')
    t.equal(await look(log), true, 'it prints')
    t.equal(await look(log), false, 'but nothing comes of it')
    await look(log)
    t.equal(log.published, 8)
    t.equal(complaints.length, 1, 'it is said once')
    await log.publishAll()
    await log.finishHiding()
    t.ok(existsSync(join(path, '../masks')), 'it is marked as one that holds secrets')
  } finally {
    forbidOverwriting(path, false)
  }
  await log.publishAll()
  t.equal(await textFrom(log, 4), 'two\n********\n')
  await log.finishHiding()
  t.notOk(existsSync(join(path, '../masks')))
})

t.test('a log that is removed while it is watched comes to its end', async t => {
  const { log, path, print } = liveLog(t, { complain: () => {} })
  await log.hide(['hunter22'])
  print('one\n')
  await look(log)
  await log.lines()
  print('hunter22\n')
  rmSync(join(path, '..'), { recursive: true })
  await log.publishAll()
  await log.finishHiding()
  t.ok(log.published === 4 || (await textFrom(log, 4)) === '********\n')
})
