import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Keeps V8's nursery as small as it begins while the server is loaded: it would grow to 30 MB for modules that stay, and
 * never shrink again. To be called before much is loaded.
 */
export function keepNurserySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}

/**
 * Gives back what only starting took, the garbage of loading and code that has run once, and lets the nursery grow with the
 * work from now on. Blocks for about a tenth of a second.
 */
export function giveBackMemory(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as NodeJS.GCFunction
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  setFlagsFromString('--semi-space-growth-factor=2')
}
