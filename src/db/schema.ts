import type { Generated } from 'kysely'

/** The rows as they lie in the database: snake_case, times in milliseconds since 1970 (UTC), lists and objects as JSON text. */
export interface Database {
  users: UserRow
  sessions: SessionRow
  refresh_tokens: RefreshTokenRow
  password_links: PasswordLinkRow
  recovery_codes: { user_id: string; code_hash: string }
  identities: IdentityRow
  api_tokens: ApiTokenRow
  audit: AuditRow
  bots: BotRow
  executions: ExecutionRow
  payloads: { execution_id: string; json: string }
  attempts: AttemptRow
  secrets: SecretRow
  settings: { name: string; value: string }
  idempotency_keys: IdempotencyKeyRow
  triggers: TriggerRow
  occurrences: OccurrenceRow
  happenings: HappeningRow
  deliveries: DeliveryRow
  channels: ChannelRow
  notification_rules: NotificationRuleRow
  notification_rule_channels: { rule_id: string; channel_id: string }
  notices: NoticeRow
  uploads: UploadRow
  stored_artifacts: StoredArtifactRow
  health_probe: { id: number; at: number }
}

export interface UserRow {
  id: string
  /** Lower case. */
  email: string
  /** argon2id, in PHC form; empty while he has none. */
  password_hash: string
  role: string
  created_at: number
  disabled_at: number | null
  password_changed_at: number | null
  signed_in_at: number | null
  /** The second factor's key, as `Seal` makes it; null while there is none. */
  totp_sealed: Buffer | null
  /** When he proved that he has it; null while he has not. */
  totp_since: number | null
  /** The time step of the last code taken: each is good for one sign-in. */
  totp_last_step: number | null
}

export interface SessionRow {
  id: string
  user_id: string
  created_at: number
  expires_at: number
  ended_at: number | null
  user_agent: string | null
  address: string | null
  seen_at: number
}

export interface RefreshTokenRow {
  /** SHA-256 of the token, hex. */
  hash: string
  session_id: string
  created_at: number
  used_at: number | null
}

/** A link by which somebody chooses his password, once. */
export interface PasswordLinkRow {
  /** SHA-256 of the token, hex. */
  token_hash: string
  user_id: string
  created_at: number
  expires_at: number
}

/** Who somebody is to a provider that he signs in with. */
export interface IdentityRow {
  issuer: string
  subject: string
  user_id: string
  created_at: number
}

export interface ApiTokenRow {
  id: string
  /** SHA-256 of the token, hex. */
  hash: string
  user_id: string
  name: string
  /** Its last characters, to tell it from others. */
  hint: string
  role: string
  /** Ids of the bots it is for, as a list; null: all. */
  bots: string | null
  created_at: number
  expires_at: number | null
  used_at: number | null
  used_from: string | null
}

export interface AuditRow {
  id: string
  at: number
  actor_kind: string
  actor_id: string | null
  actor_name: string
  address: string | null
  action: string
  subject_type: string
  subject_id: string | null
  subject_name: string
  before: string | null
  after: string | null
}

export interface BotRow {
  id: string
  slug: string
  name: string
  description: string
  kind: string
  command: string
  cwd: string | null
  env: string
  parameters: string
  secrets: string
  timeout_ms: number
  idle_timeout_ms: number | null
  kill_grace_ms: number
  max_log_bytes: number
  terminal: number
  input: number
  priority: number
  concurrency_limit: number
  concurrency_policy: string
  /** With its placeholders. */
  concurrency_key: string | null
  retry: string
  limits: string
  assertions: string
  tags: string
  /** What a search looks through: see `searchText` in bots/bot.ts. */
  search_text: string
  enabled: number
  created_at: number
  updated_at: number
  /** The slug it would have, for a bot that is not saved but tried; it goes when its execution has ended. */
  trial_of: string | null
}

export interface ExecutionRow {
  id: string
  /** Null once the bot has been deleted: history stays. */
  bot_id: string | null
  bot_slug: string
  state: string
  reason: string | null
  detail: string | null
  trigger: string
  started_by: string | null
  parameters: string
  queued_at: number
  started_at: number | null
  ended_at: number | null
  exit_code: number | null
  /** 1 when its bot was not saved but tried. */
  trial: number
  priority: number
  /** Filled in: no two of a bot with the same run at a time. */
  concurrency_key: string | null
  /** While it waits for its next attempt: when that may begin. */
  not_before: number | null
  rerun_of: string | null
  outputs: string
  /** What started it, if that was none of `manual` and `api`; with `occasion` unique. Stays when the trigger is deleted. */
  trigger_id: string | null
  /** What its trigger started it for: a slot in milliseconds, the id of a delivery, or of the execution before. */
  occasion: string | null
  /** How much it was given, in UTF-8; null when nothing. */
  payload_bytes: number | null
  /** How many chains led to it. */
  depth: number
}

export interface AttemptRow {
  id: string
  execution_id: string
  number: number
  started_at: number
  ended_at: number | null
  pid: number | null
  exit_code: number | null
  signal: string | null
  log_bytes: number
  /** When the wall clock runs out; fixed at the claim, so that a restart of the server neither extends nor forgets it. */
  deadline_at: number
  kill_grace_ms: number
  /** Why we are ending it, once we are: the first cause wins, but for those after which no attempt follows. */
  ending: string | null
  /** How it ended; null while it runs. */
  state: string | null
  reason: string | null
  detail: string | null
  idle_timeout_ms: number | null
  terminal: number
  input: number
  /** What it was to be held to when it was claimed. */
  limits: string
  cpu_ms: number | null
  max_memory_bytes: number | null
  max_pids: number | null
  /** What its folder takes on the disk; null until that stays as it is, a day after it has ended. */
  stored_bytes: number | null
}

export interface SecretRow {
  name: string
  /** As `Seal` makes it. */
  sealed: Buffer
  description: string
  created_at: number
  updated_at: number
  last_used_at: number | null
}

export interface TriggerRow {
  id: string
  bot_id: string
  name: string
  kind: string
  enabled: number
  parameters: string
  /** Of its kind. */
  settings: string
  /** Of a chain, the bot it comes after. */
  after_bot_id: string | null
  created_at: number
  updated_at: number
}

/** A slot of a schedule. */
export interface OccurrenceRow {
  trigger_id: string
  slot_at: number
  /** When it is to fire: later than its slot with jitter, or when it is made up for. */
  due_at: number
  state: string
  reason: string | null
  execution_id: string | null
  settled_at: number | null
}

/** What a sender of webhooks has sent. */
export interface DeliveryRow {
  id: string
  trigger_id: string
  /** The sender's own id of it. */
  key: string | null
  received_at: number
  address: string
  /** 1 when it came from who has the secret. */
  verified: number
  verdict: string
  detail: string | null
  /** Without secrets. */
  headers: string
  query: string
  /** All of it when it is verified, its beginning when not; null of a repeat. */
  body: Buffer | null
  /** How much it was. */
  body_bytes: number
  execution_id: string | null
  /** The delivery that somebody had started again. */
  replay_of: string | null
  /** The delivery that the sender sent again. */
  repeat_of: string | null
}

/** Something that has happened and is still to be followed up. */
export interface HappeningRow {
  id: string
  kind: string
  execution_id: string | null
  trigger_id: string | null
  slot_at: number | null
  at: number
}

export interface IdempotencyKeyRow {
  user_id: string
  key: string
  /** SHA-256 of what was asked for, hex. */
  request_hash: string
  execution_id: string
  created_at: number
}

export interface ChannelRow {
  id: string
  name: string
  kind: string
  /** Those that are not secret. */
  settings: string
  /** The names of those that are, as a list; their values lie sealed as the secret `channel:<id>`. */
  secrets: string
  created_at: number
  updated_at: number
}

export interface NotificationRuleRow {
  id: string
  name: string
  events: string
  /** Null: all bots. */
  bot_id: string | null
  quiet_ms: number
  long_running_ms: number | null
  log_lines: number
  enabled: number
  created_at: number
  updated_at: number
}

export interface NoticeRow {
  id: string
  /** Null once the rule has been deleted. */
  rule_id: string | null
  channel_id: string
  /** What it is about, so that each channel of a rule is told of it once. */
  occasion: string
  event: string
  bot_id: string | null
  execution_id: string | null
  at: number
  message: string
  state: string
  tries: number
  /** When it is tried next; null unless it waits. */
  next_at: number | null
  /** What came of the last try, for people. */
  detail: string | null
  settled_at: number | null
}

/** What an attempt has left, where it is to be in a bucket or to be removed from it. */
export interface UploadRow {
  attempt_id: string
  execution_id: string
  number: number
  state: string
  /** The bucket to which something was sent. */
  place: string | null
  tries: Generated<number>
  /** When something is to be done; null when nothing is. */
  next_at: number | null
  /** What came of the last try, for people. */
  detail: string | null
}

export interface StoredArtifactRow {
  attempt_id: string
  name: string
  key: string
  bytes: number
  modified_at: number
}
