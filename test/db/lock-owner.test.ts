import { chownSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { BACKUP_LOCK, isLocked, tryLock } from '../../src/db/lock.ts'
import { testFolder } from '../support/folder.ts'

const skip = process.getuid!() === 0 ? false : 'only root makes what belongs to another'

t.test('a lock that root has taken once can be taken by whoever the data folder belongs to', { skip }, async t => {
  const dataDir = testFolder(t)
  chownSync(dataDir, 10_001, 10_001)
  // As the command has it.
  const mask = process.umask(0o077)
  t.teardown(() => void process.umask(mask))
  tryLock(dataDir, BACKUP_LOCK, 0)!()
  process.seteuid!(10_001)
  try {
    t.notOk(isLocked(dataDir, BACKUP_LOCK))
  } finally {
    process.seteuid!(0)
  }
  t.match(statSync(join(dataDir, BACKUP_LOCK)), { uid: 10_001, gid: 10_001 })
})
