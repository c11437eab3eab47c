import type { Execution } from '../../src/executions/execution.ts'
import { DAY_MS } from '../../src/retention/retention.ts'
import type { TestApp } from './app.ts'
import { withDatabase } from './database.ts'

/** The ids of the attempts of an execution, the first first. */
export function attemptsOf(app: TestApp, executionId: string): string[] {
  return withDatabase(app.config.dataDir, db =>
    db
      .prepare<[string], string>('SELECT id FROM attempts WHERE execution_id = ? ORDER BY number')
      .pluck()
      .all(executionId)
  )
}

/** The folder of an execution's only attempt. */
export function folderOf(app: TestApp, execution: Pick<Execution, 'id'>): string {
  return app.attemptFolder(attemptsOf(app, execution.id)[0]!)
}

/** What is written down of how much an attempt takes. */
export function storedBytes(app: TestApp, execution: Pick<Execution, 'id'>): number | null {
  return withDatabase(app.config.dataDir, db =>
    db
      .prepare<[string], number | null>('SELECT stored_bytes FROM attempts WHERE execution_id = ?')
      .pluck()
      .get(execution.id)
  )!
}

/** When all that has ended until now has been over for so many days, and a little more. */
export const daysLater = (days: number): number => Date.now() + days * DAY_MS + 1000

/** The ids of all executions a server knows, oldest first. */
export async function knownIds(app: TestApp): Promise<string[]> {
  const { items } = (await app.get('/api/executions?limit=200')).body as { items: Execution[] }
  return items.map(({ id }) => id).reverse()
}
