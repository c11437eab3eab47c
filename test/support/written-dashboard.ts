import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

export const PAGE = '<!doctype html><title>Botyard</title>'
export const SCRIPT = `console.log(${JSON.stringify('built '.repeat(500))})`

/**
 * Writes what the build of a dashboard leaves, as small as can be: each text file has its compressed forms beside it, but
 * plain-1a2b3c4d.js.
 */
export function writeDashboard(folder: string): void {
  mkdirSync(join(folder, 'assets'), { recursive: true })
  const text = { 'index.html': PAGE, 'theme.js': SCRIPT, 'favicon.svg': '<svg/>', 'assets/main-1a2b3c4d.js': SCRIPT }
  for (const [name, content] of Object.entries(text)) {
    writeFileSync(join(folder, name), content)
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content))
    writeFileSync(join(folder, `${name}.gz`), gzipSync(content))
  }
  writeFileSync(join(folder, 'assets/plain-1a2b3c4d.js'), SCRIPT)
  writeFileSync(join(folder, 'assets/font-1a2b3c4d.woff2'), Buffer.from([0, 1, 2, 255]))
}
