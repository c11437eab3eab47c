import { randomBytes } from 'node:crypto'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AttemptFiles } from '../../src/backup/attempt-files.ts'
import { newId } from '../../src/lib/ids.ts'
import { Seal } from '../../src/secrets/seal.ts'
import { testFolder } from '../support/folder.ts'

t.test('an artifact that is cut short while it is read keeps nobody from having a backup', async t => {
  const folder = testFolder(t)
  const id = newId()
  const path = join(folder, id, 'artifacts', 'large')
  mkdirSync(join(path, '..'), { recursive: true })
  const content = randomBytes(3_000_000)
  writeFileSync(path, content)
  const kept: Buffer[] = []
  const leftOut: string[] = []
  const files = new AttemptFiles({
    attemptsFolder: folder,
    seal: new Seal(randomBytes(32)),
    // Its size is known by now, and so written down; nothing of it was read.
    add: async ({ size, bytes }) => {
      truncateSync(path, 1_500_000)
      for await (const piece of bytes) kept.push(Buffer.from(piece))
      t.equal(size, content.length)
    },
    leaveOut: (name, why) => void leftOut.push(`${name}: ${why}`)
  })
  await files.addAll({ id, ended: true })
  const expected = Buffer.concat([content.subarray(0, 1_500_000), Buffer.alloc(1_500_000)])
  t.ok(Buffer.concat(kept).equals(expected))
  t.match(leftOut, [/artifacts\/large: it became shorter/])
  t.equal(leftOut.length, 1)
})
