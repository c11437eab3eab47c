import { closeSync, readdirSync, readFileSync } from 'node:fs'

const CLOSE_ON_EXEC = 0o2000000

/**
 * Closes what this process was started with but standard input, output and error: whatever a shell or a service manager left
 * open, bots would inherit. All that is opened here closes itself when a program is started, which tells the two apart.
 */
export function closeInherited(keep: number[]): void {
  for (const descriptor of readdirSync('/proc/self/fd').map(Number)) {
    if (descriptor > 2 && !keep.includes(descriptor) && !closesItself(descriptor)) closeSync(descriptor)
  }
}

function closesItself(descriptor: number): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')
    return (Number.parseInt(/^flags:\s*(\d+)$/m.exec(info)![1]!, 8) & CLOSE_ON_EXEC) !== 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true // it was that of the list
    throw error
  }
}
