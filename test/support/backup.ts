import { type ChildProcess, spawn } from 'node:child_process'
import { createReadStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isBackupName } from '../../src/backup/archive.ts'
import { makeBackup, type Order, type Report } from '../../src/backup/make.ts'
import { type Restored, restore } from '../../src/backup/restore.ts'
import { FolderTarget } from '../../src/backup/targets/folder.ts'

const COMMANDS = join(import.meta.dirname, '../../src/commands')

export interface Said {
  code: number | null
  stdout: string
  stderr: string
}

/** Begins `npm run backup` or `npm run restore`. */
export function beginCommand(name: 'backup' | 'restore', args: string[], env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [join(COMMANDS, `${name}.ts`), ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  return child
}

/** The same, to its end. */
export async function runCommand(
  name: 'backup' | 'restore',
  args: string[],
  env: Record<string, string>
): Promise<Said> {
  const child = beginCommand(name, args, env)
  const said: Said = { code: null, stdout: '', stderr: '' }
  child.stdout!.on('data', text => {
    said.stdout += text
  })
  child.stderr!.on('data', text => {
    said.stderr += text
  })
  said.code = await new Promise(resolve => child.on('close', resolve))
  return said
}

/** The names of all that looks like a whole backup there. */
export function backupsIn(folder: string): string[] {
  return readdirSync(folder).filter(isBackupName).sort()
}

/** Makes a backup in this process; answers where it is. */
export async function backUp(
  dataDir: string,
  folder: string,
  more: Partial<Order> = {}
): Promise<{ path: string; report: Report }> {
  const order = { dataDir, secretKey: null, previousSecretKey: null, passphrase: null, withKey: true, ...more }
  const target = new FolderTarget(folder)
  const report = await makeBackup(order, (name, bytes) => target.put(name, bytes))
  return { path: join(folder, report.name), report }
}

export function restoreFrom(
  path: string,
  dataDir: string,
  more: { passphrase?: string; secretKey?: string } = {}
): Promise<Restored> {
  return restore({
    source: createReadStream(path),
    name: path,
    dataDir,
    passphrase: more.passphrase ?? null,
    secretKey: more.secretKey ?? null
  })
}
