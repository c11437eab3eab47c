import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '../..')
const PAGES = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md', 'bench/*.md'], { cwd: ROOT })

/** The anchors that a page's headings make, as GitHub makes them. */
function anchorsOf(page: string): Set<string> {
  const headings = readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)
  return new Set(
    [...headings].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-')
    )
  )
}

t.test('every link of the documentation to a file or a heading leads somewhere', async t => {
  for (const page of PAGES) {
    const text = readFileSync(join(ROOT, page), 'utf8').replace(/^```.*?^```/gms, '')
    for (const [, target] of text.matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)) {
      const [path = '', anchor] = target!.split('#')
      const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path)
      t.ok(existsSync(file), `${page}: ${target}`)
      if (anchor && file.endsWith('.md') && existsSync(file)) t.ok(anchorsOf(file).has(anchor), `${page}: ${target}`)
    }
  }
})

t.test('every promise names a test', async t => {
  const [promises = ''] = readFileSync(join(ROOT, 'docs/promises.md'), 'utf8').split('## What is not promised')
  const rows = promises.split('\n').filter(line => /^\| (?!promise|---)/.test(line))
  t.ok(rows.length > 20)
  for (const row of rows) t.match(row, /\]\(\.\.\/test\/[\w/-]+\.test\.ts\)/, row)
})
