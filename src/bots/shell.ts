const SHELLS = new Set(['sh', 'ash', 'bash', 'dash', 'ksh', 'zsh'])

/** At which place of a command the script stands that a shell is told to run, as in `bash -e -c SCRIPT`; null for none. */
export function scriptAt(command: readonly string[]): number | null {
  if (!SHELLS.has((command[0] ?? '').split('/').at(-1)!)) return null
  let told = false
  let at = 1
  for (; /^[-+]/.test(command[at] ?? ''); at++) {
    const option = command[at]!
    if (/^-[A-Za-z]*c/.test(option)) told = true
    // The name of what is switched comes next, as in `-o pipefail`.
    if (/^[-+][A-Za-z]*[oO]$/.test(option)) at++
  }
  return told && at < command.length ? at : null
}
