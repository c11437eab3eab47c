import type { ParameterValues } from '../bots/bot.ts'
import { AppError, type FieldError } from '../lib/errors.ts'
import type { Engines } from './engines.ts'
import { type Delivered, pathProblem, valuesAt } from './paths.ts'

/** As long as one argument of a program may be. Parameters are in each list of executions; a payload is not. */
const MAX_MAPPED_BYTES = 128 * 1024

/** Paths that cannot be used; the paths of errors begin at the mapping. */
export function mappingProblems(engines: Engines, map: Record<string, string>): FieldError[] {
  return Object.entries(map).flatMap(([name, path]) => {
    const message = pathProblem(engines, path)
    return message === null ? [] : [{ path: `/${name}`, message }]
  })
}

/**
 * The parameters that a delivery gives the bot: of each path the first value it leads to. Where it leads nowhere the
 * parameter is left out, so that the bot's default holds, or its complaint. May take long: see `bounded`.
 * @throws AppError `invalid_parameters` when they are too much together
 */
export function mapped(engines: Engines, map: Record<string, string>, delivered: Delivered): ParameterValues {
  const found = Object.entries(map).flatMap(([name, path]) => {
    const { value, done } = valuesAt(engines, path, delivered).next()
    return done ? [] : [[name, value] as const]
  })
  const parameters = Object.fromEntries(found)
  if (Buffer.byteLength(JSON.stringify(parameters)) > MAX_MAPPED_BYTES) {
    const detail = `What the mapping gives is more than ${MAX_MAPPED_BYTES / 1024} KiB. Have the bot read it from the file that BOTYARD_PAYLOAD names.`
    throw new AppError('invalid_parameters', detail)
  }
  return parameters
}
