import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Where tap has its own: no temporary folder of the system, where production keeps no data. */
const FOLDERS = join(import.meta.dirname, '../../.tap/fixtures')

/** What is in a folder: files with their text, and folders. */
interface Content {
  [name: string]: string | Content
}

const foldersOf = new WeakMap<Test, string[]>()

/**
 * A folder of the test's own, removed after all teardowns that were registered since the first of them: what a server keeps, or its
 * bots look at, is there until they have ended. tap's `testdir` goes sooner, and a second one takes the place of the first.
 */
export function testFolder(t: Test, content: Content = {}): string {
  mkdirSync(FOLDERS, { recursive: true })
  const folder = mkdtempSync(join(FOLDERS, 't-'))
  chmodSync(folder, 0o755) // bots may be somebody else
  const known = foldersOf.get(t)
  if (known) known.push(folder)
  else {
    const folders = [folder]
    foldersOf.set(t, folders)
    t.teardown(() => {
      for (const each of folders) rmSync(each, { recursive: true, force: true })
    })
  }
  fill(folder, content)
  return folder
}

function fill(folder: string, content: Content): void {
  for (const [name, value] of Object.entries(content)) {
    const path = join(folder, name)
    if (typeof value === 'string') writeFileSync(path, value)
    else {
      mkdirSync(path)
      fill(path, value)
    }
  }
}
