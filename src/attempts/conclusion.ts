import { brokenAssertions } from './assertions.ts'
import type { AttemptDirectory } from './attempt-directory.ts'
import type { Outcome } from './judgement.ts'
import { readOutputs } from './outputs.ts'

/** What is made of an attempt whose processes have ended, besides how they did. */
export interface Conclusion {
  outcome: Outcome
  outputs: Record<string, string>
}

/**
 * Looks at what an attempt has left in its folder: its outputs, and whether it did what was asked of it. Nothing is
 * written, so a server that dies meanwhile leaves it to the next, which comes to the same. Never throws, and what cannot be
 * found out is no success. `redact` overwrites secrets in bytes.
 */
export async function conclude(
  directory: AttemptDirectory,
  outcome: Outcome,
  redact: (bytes: Buffer) => void
): Promise<Conclusion> {
  const outputs = readOutputs(directory.output, directory.results.group, redact)
  const doubt = outcome.state === 'succeeded' ? await doubtAbout(directory) : null
  const detail = [doubt, outcome.detail, outputs.complaint].filter(Boolean).join(' ') || null
  return {
    outcome: doubt ? { ...outcome, state: 'failed', reason: 'assertion', detail } : { ...outcome, detail },
    outputs: outputs.values
  }
}

/** Why an attempt that exited with 0 is no success all the same; null when it is one. */
async function doubtAbout(directory: AttemptDirectory): Promise<string | null> {
  try {
    const record = directory.launchRecord()
    if (!record) throw new Error('launch.json in its folder, which says what that was, cannot be read')
    return record.assert ? await brokenAssertions(record.assert, directory) : null
  } catch (error) {
    return `It exited with 0, but whether it did what was asked of it is not known, because ${(error as Error).message}.`
  }
}
