import type { components, paths } from './schema.d.ts'

export type { paths }
export type Automation = components['schemas']['Automation']
export type Bot = components['schemas']['Bot']
export type Execution = components['schemas']['Execution']
export type Attempt = Execution['attempts'][number]
export type Machine = components['schemas']['Machine']
export type BackupState = NonNullable<components['schemas']['BackupState']>
export type Secret = components['schemas']['Secret']
export type User = components['schemas']['User']
export type Role = User['role']
export type Person = components['schemas']['Person']
export type Session = components['schemas']['Session']
export type Token = components['schemas']['Token']
export type AuditEntry = components['schemas']['AuditEntry']
export type Trigger = components['schemas']['Trigger']
export type Schedule = NonNullable<Trigger['schedule']>
export type Webhook = NonNullable<Trigger['webhook']>
export type Chain = NonNullable<Trigger['chain']>
export type Delivery = components['schemas']['Delivery']
export type Occurrence = components['schemas']['Occurrence']
export type CalendarEntry = components['schemas']['CalendarEntry']
export type CreateTrigger = paths['/api/triggers']['post']['requestBody']['content']['application/json']
export type Channel = components['schemas']['Channel']
export type NotificationRule = components['schemas']['NotificationRule']
export type Notice = components['schemas']['Notice']
export type Artifact =
  paths['/api/executions/{id}/artifacts']['get']['responses'][200]['content']['application/json']['items'][number]
export type Problem = components['schemas']['Problem']
export type CreateBot = paths['/api/bots']['post']['requestBody']['content']['application/json']
export type ExecutionState = Execution['state']
