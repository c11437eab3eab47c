import { open } from 'node:fs/promises'

/** Has the names in a folder on the disk: without it a file that was just made or renamed may be gone after a power cut. */
export async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
