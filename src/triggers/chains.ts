import type { Logger } from 'pino'
import type { Automation } from '../automation/automation.ts'
import type { Execution } from '../executions/execution.ts'
import type { Executions } from '../executions/executions.ts'
import type { StartRequest } from '../executions/start-request.ts'
import type { Follower, Happening } from '../happenings/happening.ts'
import { AppError } from '../lib/errors.ts'
import { follows } from './chain.ts'
import type { TriggerStore } from './store.ts'
import type { Trigger } from './trigger.ts'

export interface ChainsOptions {
  store: Pick<TriggerStore, 'after'>
  executions: Pick<Executions, 'get' | 'start' | 'skip'>
  automation: Pick<Automation, 'whileOn'>
  logger: Logger
}

/** Starts bots after others have ended. Each is given the execution that ended, as the API shows it. */
export class Chains implements Follower {
  readonly #options: ChainsOptions

  constructor(options: ChainsOptions) {
    this.#options = options
  }

  async follow(happening: Happening): Promise<void> {
    if (happening.kind !== 'execution.ended') return
    const ended = await this.#find(happening.executionId)
    if (!ended?.botId) return
    for (const trigger of await this.#options.store.after(ended.botId)) {
      if (follows(trigger.chain!.on, ended.state)) await this.#start(trigger, ended)
    }
  }

  async #start(trigger: Trigger, ended: Execution): Promise<void> {
    const { executions, automation, logger } = this.#options
    const request: StartRequest = {
      trigger: 'chain',
      by: null,
      parameters: trigger.parameters,
      cause: {
        triggerId: trigger.id,
        occasion: ended.id,
        payload: JSON.stringify(ended),
        depth: ended.depth + 1
      }
    }
    try {
      const started = await automation.whileOn(() => executions.start(trigger.botId, request))
      if (!started) await executions.skip(trigger.botId, request, 'automation_off', 'The automation was switched off.')
    } catch (error) {
      const code = error instanceof AppError ? error.code : null
      if (code === 'bot_disabled' || code === 'invalid_parameters') {
        await executions.skip(trigger.botId, request, code, (error as AppError).message)
      } else if (code === 'not_found') {
        logger.info({ trigger: trigger.id }, 'a chain ends here: its bot has been deleted')
      } else throw error
    }
  }

  /** Null when it has been removed from the history meanwhile. */
  async #find(id: string): Promise<Execution | null> {
    try {
      return await this.#options.executions.get(id)
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return null
      throw error
    }
  }
}
