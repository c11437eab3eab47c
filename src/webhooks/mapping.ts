import type { ParameterValues } from '../bots/bot.ts'
import type { FieldError } from '../errors.ts'
import type { Engines } from './engines.ts'
import { type Delivered, pathProblem, valuesAt } from './paths.ts'

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
 */
export function mapped(engines: Engines, map: Record<string, string>, delivered: Delivered): ParameterValues {
  const found = Object.entries(map).flatMap(([name, path]) => {
    const { value, done } = valuesAt(engines, path, delivered).next()
    return done ? [] : [[name, value] as const]
  })
  return Object.fromEntries(found)
}
