/** What an error means that says the machine has run out of something; whoever runs the server reads it in the log. */
const SHORTAGES: [RegExp, string][] = [
  [
    /^(ENOSPC|EDQUOT|SQLITE_FULL|SQLITE_IOERR(_WRITE|_SHMSIZE|_FSYNC)?)$/,
    'the disk is full: make room on the disk of DATA_DIR'
  ],
  [
    /^(EMFILE|SQLITE_CANTOPEN)$/,
    'the server has no descriptors left: raise its limit of open files (ulimit -n, LimitNOFILE=)'
  ],
  [/^ENFILE$/, 'the machine has no descriptors left: raise fs.file-max'],
  [/^EAGAIN$/, 'the machine has no processes left: raise the limit of processes (ulimit -u, TasksMax=)'],
  [/^ENOMEM$/, 'the machine has no memory left'],
  [/^SQLITE_(BUSY|LOCKED)/, 'another program holds the database: let it end, or end it']
]

/** What to log: what went wrong, and where the machine has run out of something, what to do. */
export function withAdvice(what: string, error: unknown): string {
  const shortage = shortageIn(error)
  return shortage === null ? what : `${what}: ${shortage}`
}

/** What the machine has run out of, and what to do about it; null for any other error. */
export function shortageIn(error: unknown): string | null {
  const { code } = (error ?? {}) as { code?: unknown }
  if (typeof code !== 'string') return null
  return SHORTAGES.find(([codes]) => codes.test(code))?.[1] ?? null
}

/** Whether a file could not be opened for want of descriptors, which come back as others close theirs. */
export function isWantOfDescriptors(error: unknown): boolean {
  return /^(EMFILE|ENFILE)$/.test(String((error as { code?: unknown } | null)?.code))
}
