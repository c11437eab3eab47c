/** What an installation without the packages of development takes: all that an image needs beside this repository's own files. */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Bench } from './support/row.ts'

const ROOT = join(import.meta.dirname, '..')

/** Loaded only by who sets a variable for it. */
const OPTIONAL = {
  Sentry: ['@sentry', '@opentelemetry'],
  'buckets of S3': ['@aws-sdk', '@smithy', '@aws-crypto', '@aws'],
  'buckets of Google': ['@google-cloud', 'google-auth-library', 'gaxios', 'gcp-metadata', 'gtoken']
}

const bench: Bench = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'botyard-size-'))
  try {
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(ROOT, file), join(folder, file))
    await promisify(execFile)('npm', ['ci', '--omit=dev', '--ignore-scripts'], { cwd: folder })
    const modules = join(folder, 'node_modules')
    const megabytes = (names: string[]) => names.reduce((sum, name) => sum + bytesIn(join(modules, name)), 0) / 1e6
    const all = readdirSync(modules).filter(name => !name.startsWith('.'))
    const node = all.filter(name => name.startsWith('node-linux-'))
    const row = (what: string, names: string[]) => ({ what, ours: megabytes(names), unit: 'MB', target: null })
    return [
      row('production dependencies, with Node itself', all),
      row('of them: Node itself', node),
      ...Object.entries(OPTIONAL).map(([what, names]) =>
        row(
          `of them: ${what}`,
          names.filter(name => all.includes(name))
        )
      )
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As much as `ls -l` says, of everything in it; links for nothing. */
function bytesIn(path: string): number {
  const entries = readdirSync(path, { withFileTypes: true, recursive: true })
  return entries
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

export default bench
