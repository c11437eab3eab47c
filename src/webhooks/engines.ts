import type { FilterFunction, JSONPathEnvironment } from 'json-p3'
import type { RE2JS } from 're2js'

/** What looks into payloads. Loaded when somebody first needs it: most servers never do. */
export interface Engines {
  paths: JSONPathEnvironment
  /** Regular expressions whose time grows with the text and no faster: RE2's, without looking around and back. */
  pattern: (source: string) => RE2JS
}

/** As deep as a payload may be, and the document it stands in. */
const MAX_RECURSION = 105

let loading: Promise<Engines> | undefined

export function loadEngines(): Promise<Engines> {
  loading ??= load()
  return loading
}

async function load(): Promise<Engines> {
  const [{ JSONPathEnvironment, FunctionExpressionType }, { RE2JS }] = await Promise.all([
    import('json-p3'),
    import('re2js')
  ])
  const pattern = (source: string) => RE2JS.compile(source)
  const { ValueType, LogicalType } = FunctionExpressionType
  // Those of the library are JavaScript's regular expressions, with which a text can take for ever.
  const function_ = (test: (pattern: RE2JS, text: string) => boolean): FilterFunction => ({
    argTypes: [ValueType, ValueType],
    returnType: LogicalType,
    call: (text: unknown, source: unknown) => {
      if (typeof text !== 'string' || typeof source !== 'string') return false
      try {
        return test(pattern(source), text)
      } catch {
        return false // what is no pattern matches nothing: RFC 9535, section 2.4.6
      }
    }
  })
  const paths = new JSONPathEnvironment({ maxRecursionDepth: MAX_RECURSION })
  paths.functionRegister.set(
    'match',
    function_((re, text) => re.matches(text))
  )
  paths.functionRegister.set(
    'search',
    function_((re, text) => re.matcher(text).find())
  )
  return { paths, pattern }
}
