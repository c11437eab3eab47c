import { StartError } from '../../lib/errors.ts'
import { openDrive } from '../../storage/drive.ts'
import { readBackupUrl } from '../url.ts'
import { BucketTarget } from './bucket.ts'
import { FolderTarget } from './folder.ts'
import type { Target } from './target.ts'

/** The folder or bucket that an address names, as BACKUP_URL does. @throws StartError when it names none. */
export async function openTarget(address: string): Promise<Target> {
  const url = readBackupUrl(address)
  if ('problem' in url) throw new StartError(`${address}: ${url.problem}`)
  return url.kind === 'file' ? new FolderTarget(url.folder) : new BucketTarget(await openDrive(url))
}
