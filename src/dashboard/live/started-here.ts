const started = new Set<string>()

/** Notes that an execution was started by this page, which so watches it from its beginning. */
export const noteStarted = (id: string): void => void started.add(id)

/** Whether it was; true only the first time. */
export const takeStarted = (id: string): boolean => started.delete(id)
