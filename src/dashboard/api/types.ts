import type { components, paths } from './schema'

export type { paths }
export type Bot = components['schemas']['Bot']
export type Execution = components['schemas']['Execution']
export type Attempt = Execution['attempts'][number]
export type User = components['schemas']['User']
export type Problem = components['schemas']['Problem']
export type CreateBot = paths['/api/bots']['post']['requestBody']['content']['application/json']
export type ExecutionState = Execution['state']
