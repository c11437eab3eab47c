/**
 * Environment variables that the shells which start a bot keep for themselves: they refuse the value, which breaks the
 * launch, or do not pass it on. Tried with dash, bash and busybox.
 */
export const SHELL_VARIABLES: ReadonlySet<string> = new Set([
  ...['_', 'OPTIND', 'PPID', 'UID', 'EUID', 'GROUPS', 'SHELLOPTS', 'BASHOPTS', 'BASH_VERSINFO'],
  ...['LINENO', 'FUNCNAME', 'DIRSTACK', 'RANDOM', 'SRANDOM', 'SECONDS', 'EPOCHSECONDS', 'EPOCHREALTIME', 'HISTCMD']
])
