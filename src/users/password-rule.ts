import { AppError } from '../lib/errors.ts'

/**
 * What people choose most, without the digits and signs they add: who guesses tries these first, and then `1`, `123` or `!` behind
 * them. Each account stands ten guesses a minute, so it takes no list of millions. NIST SP 800-63B asks for this and for a length,
 * and for no mixture of kinds of characters.
 */
const COMMON = new Set(
  [
    'password passwort passw pass passwd mypassword motdepasse contrasena wachtwoord parola haslo senha secret secrets private',
    'letmein welcome willkommen bienvenue bienvenido hello hallo iloveyou ichliebedich jetaime teamo tequiero lovely loveme',
    'admin administrator adminadmin root rootroot user username guest test tester testtest testing demo default changeme',
    'changeit temporary temp temppass login system server manager computer internet service support company office business',
    'sunshine princess football baseball basketball superman batman spiderman pokemon starwars dragon monkey shadow master',
    'mustang michael jennifer jessica jordan daniel charlie thomas andrew joshua matthew michelle ashley nicole anthony',
    'robert william amanda samantha alexander maverick hunter ranger killer ginger pepper cookie cheese banana chocolate',
    'chelsea liverpool arsenal barcelona realmadrid juventus manchester united samsung google facebook microsoft windows',
    'whatever trustno trustnoone freedom victoria blink forever friends family soccer hockey summer winter spring autumn',
    'monday friday january february december october november september london berlin paris newyork america germany deutschland',
    'qwerty qwertz azerty asdf asdfasdf zaqwsx qazwsx qweasd qweasdzxc access flower angel babygirl butterfly blessed'
  ].flatMap(line => line.split(' '))
)

/** Characters that stand side by side, on keyboards and in the alphabet. */
const ROWS = [
  '01234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm'
]
const ZIGZAGS = [
  '1q2w3e4r5t6y7u8i9o0p',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  'q1w2e3r4t5y6u7i8o9p0',
  'qazwsxedcrfvtgbyhnujm'
]

/** What is told apart when it is written so. */
const PLAIN: Record<string, string> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't'
}

/** What is wrong with a password for who has this address, in words; null when it can be taken. Its length is asked elsewhere. */
export function passwordProblem(password: string, email: string): string | null {
  const text = password.trim().toLowerCase()
  if (isRow(text)) return 'is a row of characters that everybody tries'
  const cores = coresOf(text)
  const own = [email, email.split('@')[0]!, 'botyard'].flatMap(name => [name, ...coresOf(name)]).filter(Boolean)
  if ([text, ...cores].some(core => own.includes(core))) return 'is your address, or the name of this product'
  return cores.some(core => COMMON.has(core)) ? 'is one of those that everybody tries' : null
}

/** @throws AppError `invalid_request` that names the field at `path`, for a password that is among the first to be guessed. */
export function refuseGuessable(password: string, email: string, path: string): void {
  const message = passwordProblem(password, email)
  if (message === null) return
  throw new AppError('invalid_request', `This password ${message}. Choose another, such as a few words.`, {
    errors: [{ path, message }]
  })
}

/** The word in it, without what stands before and behind; as it is, and with the signs that stand for letters read as those. */
function coresOf(text: string): string[] {
  const bare = (word: string) => word.replace(/^[^a-z]+|[^a-z]+$/g, '')
  const read = (word: string) => [...word].map(character => PLAIN[character] ?? character).join('')
  return [bare(text), read(text), read(bare(text)), bare(read(text.replace(/[^a-z]+$/, '')))]
}

function isRow(text: string): boolean {
  if (/^(.{1,4})\1+.{0,3}$/.test(text)) return true
  const backwards = [...text].reverse().join('')
  return [...ROWS, ...ZIGZAGS].some(row => row.includes(text) || row.includes(backwards))
}
