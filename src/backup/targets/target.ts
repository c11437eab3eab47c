import type { Readable } from 'node:stream'

/** Where backups lie: a folder, or a bucket. */
export interface Target {
  /** In words for people. */
  describe(name: string): string
  /** Before anything is made: whether it can be used. @throws StartError */
  check(): Promise<void>
  /** Keeps what comes under this name, whole or not at all: where it fails, or the process is killed, nothing has the name. */
  put(name: string, bytes: Readable): Promise<void>
  /** The names of all that lies there. */
  names(): Promise<string[]>
  remove(name: string): Promise<void>
  /** @throws StartError when there is none. */
  read(name: string): Promise<Readable>
  /** Lets its connections go. */
  close(): void
}
