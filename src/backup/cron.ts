/** When backups are due. croner, as for the schedules of bots: node-cron leaves out the hour that the clock jumps over. */
import { Cron } from 'croner'

/** What is wrong with such an expression; null when nothing is. Pure. */
export function backupCronProblem(text: string): string | null {
  if (text.trim().split(/\s+/).length !== 5) return 'expected five fields, such as 30 3 * * *'
  try {
    return new Cron(text).nextRun() ? null : 'that never comes'
  } catch (error) {
    return (error as Error).message.replace(/^CronPattern: /, '')
  }
}

/** The next time after `at`, in milliseconds. */
export function nextAfter(cron: string, at: number): number {
  return new Cron(cron).nextRun(new Date(at))!.getTime()
}
