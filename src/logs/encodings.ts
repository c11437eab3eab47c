import { MIN_VALUE_CHARACTERS } from '../secrets/secret.ts'

/** Whether there is something to hide: enough characters, and not only blanks or what has been hidden already. */
export function isSecret(text: string): boolean {
  return text.length >= MIN_VALUE_CHARACTERS && /[^*\s]/.test(text)
}

/**
 * All the ways in which a secret value may stand in a log, each of at least {@link MIN_VALUE_CHARACTERS} bytes: as it is, line
 * by line, and each of these as JSON, in a URL and in base64.
 */
export function encodingsOf(value: string): Buffer[] {
  const parts = new Set([value, ...value.split(/\r\n|\r|\n/)])
  const forms = new Set<string>()
  for (const part of parts) {
    if (!isSecret(part)) continue
    for (const form of [part, ...jsonForms(part), ...urlForms(part), ...base64Forms(part)]) forms.add(form)
  }
  return [...forms].map(form => Buffer.from(form)).filter(form => form.length >= MIN_VALUE_CHARACTERS)
}

/** Inside the quotes: as most programs write it, with the slash escaped (PHP), in ASCII alone (Python, Java). */
function jsonForms(text: string): string[] {
  const plain = JSON.stringify(text).slice(1, -1)
  const ascii = plain.replace(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  // Escape by escape: the u behind an escaped backslash begins none.
  const upper = ascii.replace(/\\(?:u([0-9a-f]{4})|.)/g, (all, hex) => (hex ? `\\u${hex.toUpperCase()}` : all))
  return [plain, ascii, upper].flatMap(form => [form, form.replaceAll('/', '\\/')])
}

/** A component as browsers write it and as RFC 3986 has it (curl, Python), and forms; hex digits in either case. */
function urlForms(text: string): string[] {
  const wellFormed = text.toWellFormed()
  const component = encodeURIComponent(wellFormed)
  const strict = component.replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  const form = new URLSearchParams({ '': wellFormed }).toString().slice(1)
  return [component, strict, form, strict.replaceAll('%20', '+')].flatMap(upper => [
    upper,
    upper.replace(/%[0-9A-F]{2}/g, code => code.toLowerCase())
  ])
}

/**
 * What base64 makes of a value that stands anywhere within other bytes: three bytes become four characters, so that there
 * are three ways for it to be cut. The characters at either end that its neighbours have a part in are left out.
 */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text)
  return [0, 1, 2].flatMap(before => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    const own = whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
