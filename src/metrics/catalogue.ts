import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Automation } from '../automation/automation.ts'
import type { Backups } from '../backup/backups.ts'
import type { Streams } from '../events/streams.ts'
import type { Executions } from '../executions/executions.ts'
import type { Machine } from '../machine/machine.ts'
import type { NoticeStore } from '../notifications/notice-store.ts'
import { VERSION } from '../process/version.ts'
import type { Measures } from './measures.ts'
import type { Sample } from './tally.ts'

export interface Metric {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  samples(): Sample[] | Promise<Sample[]>
}

/** Whom to ask for what is not counted but stands somewhere. */
export interface Sources {
  measures: Measures
  executions: Pick<Executions, 'load'>
  streams: Pick<Streams, 'size'>
  notices: Pick<NoticeStore, 'waiting'>
  machine: Pick<Machine, 'state'>
  automation: Pick<Automation, 'isOn'>
  backups: Pick<Backups, 'state'>
  dataDir: string
}

/** All that the server tells of itself in numbers, beside what every process of Node tells. */
export function catalogue(sources: Sources): Metric[] {
  const { measures, executions, streams, notices, machine, automation, backups, dataDir } = sources
  const spread = (name: string, help: string, of: Measures['waitSeconds']): Metric => ({
    name,
    help,
    type: 'histogram',
    samples: () => of.samples(name)
  })
  const gauge = (name: string, help: string, value: () => number | null | Promise<number | null>): Metric => ({
    name,
    help,
    type: 'gauge',
    samples: async () => known(await value())
  })
  const counter = (name: string, help: string, of: Measures['requests']): Metric => ({
    name,
    help,
    type: 'counter',
    samples: () => of.samples()
  })
  return [
    {
      name: 'botyard_build_info',
      help: 'Always 1; which version runs, on which Node.',
      type: 'gauge',
      samples: () => [{ labels: { version: VERSION, node: process.version }, value: 1 }]
    },
    counter('botyard_executions_total', 'Executions that have ended, or were skipped.', measures.executions),
    spread(
      'botyard_execution_duration_seconds',
      'From the start of an execution to its end, retries included.',
      measures.durationSeconds
    ),
    spread(
      'botyard_execution_wait_seconds',
      'How long executions waited in the queue before they started.',
      measures.waitSeconds
    ),
    gauge('botyard_executions_queued', 'Executions that wait.', async () => (await executions.load()).queued),
    gauge('botyard_executions_running', 'Executions that run.', async () => (await executions.load()).running),
    spread(
      'botyard_schedule_lateness_seconds',
      'From when a slot of a schedule was due to when it was queued.',
      measures.lateSeconds
    ),
    gauge('botyard_automation_enabled', '1 while bots run by themselves, 0 while that is switched off.', () =>
      Number(automation.isOn)
    ),
    gauge('botyard_machine_draining', '1 while nothing new starts, as somebody drains the machine.', () =>
      Number(machine.state().draining)
    ),
    counter(
      'botyard_log_published_bytes_total',
      'Bytes of logs that bots printed and readers may read.',
      measures.logBytes
    ),
    gauge('botyard_streams_open', 'Event streams that are open.', () => streams.size),
    gauge('botyard_notices_waiting', 'Notices that wait to be sent.', () => notices.waiting()),
    counter('botyard_http_requests_total', 'Requests that were answered.', measures.requests),
    spread(
      'botyard_http_request_duration_seconds',
      'From the headers of a request to the end of its answer, streams left out.',
      measures.requestSeconds
    ),
    gauge('botyard_disk_free_bytes', 'What is free on the disk of DATA_DIR.', () => machine.state().disk.freeBytes),
    gauge(
      'botyard_disk_min_free_bytes',
      'While less is free, nothing new starts.',
      () => machine.state().disk.minFreeBytes
    ),
    gauge('botyard_database_bytes', 'The database and its write-ahead log, on the disk.', () => sizeOf(dataDir)),
    gauge(
      'botyard_backup_ok',
      '1 while the last backup is whole and as new as it should be; only with BACKUP_URL.',
      () => {
        const backup = backups.state()
        return backup && Number(backup.lastAt !== null && backup.lastError === null && !backup.overdue)
      }
    ),
    gauge('botyard_backup_last_success_timestamp_seconds', 'When the last whole backup was made.', () => {
      const lastAt = backups.state()?.lastAt ?? null
      return lastAt === null ? null : lastAt / 1000
    })
  ]
}

/** What is not known is left out. */
function known(value: number | null): Sample[] {
  return value === null ? [] : [{ labels: {}, value }]
}

async function sizeOf(dataDir: string): Promise<number> {
  const files = ['botyard.db', 'botyard.db-wal'].map(name => stat(join(dataDir, name)))
  return (await Promise.all(files)).reduce((sum, { size }) => sum + size, 0)
}
