import { resolve } from 'node:path'
import { readStorageUrl, type StorageUrl } from '../storage/storage-url.ts'

/** Where backups may lie, as BACKUP_URL says it: an address of storage, or a folder by its path. */
export function readBackupUrl(text: string): StorageUrl | { problem: string } {
  if (isAddress(text)) return readStorageUrl(text)
  return { kind: 'file', folder: resolve(text) }
}

/** Whether it is an address, and no path. */
export const isAddress = (text: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(text)

/** The address of a backup as where it lies and its name; null when it names none. Pure. */
export function splitAddress(text: string): { place: string; name: string } | null {
  const [, folder, name, query = ''] = /^([^?]+)\/([^/?]+)(\?.*)?$/.exec(text) ?? []
  return folder && name && !folder.endsWith('/') ? { place: `${folder}${query}`, name } : null
}
