import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../lib/errors.ts'
import type { Engines } from './engines.ts'
import { bounded, type Delivered, pathProblem, TooSlow, valuesAt } from './paths.ts'
import type { Webhook } from './webhook.ts'

/** What must be so about a delivery: about any of the values its path leads to. */
export type Rule = Webhook['filters']['rules'][number]
export type Filters = Webhook['filters']

const MAX_PATTERN_CHARACTERS = 500

/** Rules that cannot be used; the paths of errors begin at the filters. */
export function filterProblems(engines: Engines, { rules }: Filters): FieldError[] {
  return rules.flatMap(({ path, op, value }, i) => {
    const problems = [
      { path: `/rules/${i}/path`, message: pathProblem(engines, path) },
      { path: `/rules/${i}/value`, message: op === 'matches' ? patternProblem(engines, value) : null }
    ]
    return problems.filter((problem): problem is FieldError => problem.message !== null)
  })
}

/** The rule for which a delivery does not start the bot; null when it does. May take long: see `bounded`. */
export function failedRule(engines: Engines, { match, rules }: Filters, delivered: Delivered): Rule | null {
  const holds = (rule: Rule) => applies(engines, rule, delivered)
  if (match === 'all') return rules.find(rule => !holds(rule)) ?? null
  return rules.length === 0 || rules.some(holds) ? null : rules[0]!
}

/** Of a rule that {@link failedRule} has found, what is not so. */
export function whyNot({ match, rules }: Filters, { path, op, value }: Rule): string {
  if (match === 'any' && rules.length > 1) return `none of the ${rules.length} fits`
  if (op === 'exists') return `there is no ${path}`
  const wanted = op === 'equals' ? `is not ${JSON.stringify(value)}` : `does not match ${value}`
  return `${path} ${wanted.slice(0, MAX_PATTERN_CHARACTERS)}`
}

function applies(engines: Engines, { path, op, value }: Rule, delivered: Delivered): boolean {
  const pattern = op === 'matches' ? engines.pattern(value as string) : null
  for (const found of valuesAt(engines, path, delivered)) {
    if (op === 'exists') return true
    if (op === 'equals' && isDeepStrictEqual(found, value)) return true
    if (pattern && isScalar(found) && pattern.matcher(String(found)).find()) return true
  }
  return false
}

const isScalar = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value)

function patternProblem(engines: Engines, pattern: unknown): string | null {
  if (typeof pattern !== 'string') return 'must be a pattern'
  if (pattern.length > MAX_PATTERN_CHARACTERS) return `must have at most ${MAX_PATTERN_CHARACTERS} characters`
  try {
    bounded(() => engines.pattern(pattern))
    return null
  } catch (error) {
    if (error instanceof TooSlow) return 'takes too long to read'
    return `is not a pattern that can be used (RE2's syntax: no looking around, no \\1): ${(error as Error).message}`
  }
}
