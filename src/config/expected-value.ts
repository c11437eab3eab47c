/** The part of a setting's schema that says what a value may be. */
interface ValueSchema {
  type?: string
  enum?: string[]
  format?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  /** In words, where the rest of the schema says it to machines only. */
  expects?: string
}

/** What a setting wants, in words that go on behind "expected". */
export function expectedValue(schema: ValueSchema): string {
  if (schema.expects) return schema.expects
  if (schema.type === 'boolean') return 'true or false'
  if (schema.enum) return `one of ${schema.enum.join(', ')}`
  const kind = schema.type === 'integer' ? 'a whole number' : schema.format === 'email' ? 'an e-mail address' : 'text'
  return `${kind}${range(schema.minimum, schema.maximum, '')}${range(schema.minLength, schema.maxLength, ' characters')}`
}

function range(least: number | undefined, most: number | undefined, unit: string): string {
  if (least !== undefined && most !== undefined) return ` of ${least} to ${most}${unit}`
  if (least !== undefined) return ` of at least ${least}${unit}`
  if (most !== undefined) return ` of at most ${most}${unit}`
  return ''
}
