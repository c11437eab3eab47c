import type { Test } from 'tap'

/**
 * A folder of the test's own, removed after all of its teardowns. tap's own `testdir` goes before those teardowns that are
 * registered after it, unless there was one before it: and a server would lose its data folder while it still runs.
 */
export function testFolder(t: Test, content: Parameters<Test['testdir']>[0] = {}): string {
  t.teardown(() => {})
  return t.testdir(content)
}
