/** The process in which the server has a backup made: it is told what by a message, and answers by one. It ends with the server. */
import { StartError } from '../lib/errors.ts'
import { keepNewest } from './keep.ts'
import { BackupRunning, makeBackup, type Order, type Report } from './make.ts'
import { openTarget } from './targets/open.ts'
import { toStdout } from './targets/stdout.ts'

export interface ChildOrder extends Order {
  /** Where to, and how many are kept there; null: to stdout. */
  to: { url: string; keep: number } | null
}

export type ChildAnswer =
  | { kind: 'made'; report: Report; removed: string[] }
  | { kind: 'failed'; detail: string; isRunning: boolean }

async function carryOut({ to, ...order }: ChildOrder): Promise<ChildAnswer> {
  try {
    if (to === null) return { kind: 'made', report: await makeBackup(order, toStdout), removed: [] }
    const target = await openTarget(to.url)
    await target.check()
    const report = await makeBackup(order, (name, bytes) => target.put(name, bytes))
    return { kind: 'made', report, removed: await keepNewest(target, to.keep) }
  } catch (error) {
    const detail = error instanceof StartError ? error.message : (error as Error).message
    return { kind: 'failed', detail, isRunning: error instanceof BackupRunning }
  }
}

const leave = () => process.exit(1)
process.umask(0o077)
process.once('disconnect', leave)
process.once('message', async (order: ChildOrder) => {
  const answer = await carryOut(order)
  process.off('disconnect', leave)
  process.send!(answer, () => process.exit(answer.kind === 'made' ? 0 : 1))
})
