import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

const ROOT = join(import.meta.dirname, '../..')
const COPIED = ['src', 'migrations', 'package.json', 'gunicorn-equivalent.config.ts', 'deploy']
/** Too large to copy, and the same in each. */
const SHARED = ['node_modules', 'public']

/** The code as it is, in a folder of its own, to be made another version of. It goes when the test ends. */
export function anotherInstallation(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'botyard-installation-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  for (const name of SHARED) symlinkSync(join(ROOT, name), join(folder, name))
  return folder
}

/** Makes it one migration newer than this version. */
export function addMigration(installation: string, name: string): void {
  writeFileSync(
    join(installation, 'migrations', `${name}.ts`),
    `export const up = db => db.schema.createTable('later').addColumn('x', 'text').execute()
     export const down = db => db.schema.dropTable('later').execute()\n`
  )
}

/** Edits a file of it. */
export function edit(installation: string, file: string, change: (text: string) => string): void {
  const path = join(installation, file)
  const before = readFileSync(path, 'utf8')
  const after = change(before)
  if (after === before) throw new Error(`nothing in ${file} was changed`)
  writeFileSync(path, after)
}
