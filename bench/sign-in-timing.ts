/**
 * Whether a wrong password takes longer, or less long, for an account that is there than for one that is not: what a stranger
 * could tell them apart by. Not over HTTP, where he has ten tries a minute and a network's noise.
 */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { pino } from 'pino'
import { SERVER } from '../src/audit/audit.ts'
import { LateNotes } from '../src/audit/late-notes.ts'
import { AuditStore } from '../src/audit/store.ts'
import { Migrator } from '../src/db/migrate.ts'
import { openDatabase } from '../src/db/open.ts'
import { Streams } from '../src/events/streams.ts'
import { Seal } from '../src/secrets/seal.ts'
import { hashPassword } from '../src/users/passwords.ts'
import { newUser, subjectOf } from '../src/users/people.ts'
import { PrincipalMemo } from '../src/users/principal.ts'
import { SecondFactor } from '../src/users/second-factor.ts'
import { SecondFactorStore } from '../src/users/second-factor-store.ts'
import { SessionStore } from '../src/users/session-store.ts'
import { Sessions } from '../src/users/sessions.ts'
import { UserStore } from '../src/users/store.ts'
import { type Bench, median } from './support/row.ts'
import { makeDataDir } from './support/server.ts'

const WARM_UP = 10
const ROUNDS = 300
const SHUFFLES = 2000
/** Chance alone makes a difference as large as this one in more than so many of a hundred runs. */
const ENOUGH_PERCENT = 1

const bench: Bench = async () => {
  const dataDir = makeDataDir()
  const db = openDatabase(dataDir)
  const streams = new Streams({ max: 1, maxPerAccount: 1 })
  try {
    await new Migrator(db).up()
    const users = new UserStore(db, null)
    const logger = pino({ level: 'silent' })
    const sessions = new Sessions({
      store: new SessionStore(db),
      users,
      secondFactor: new SecondFactor(new SecondFactorStore(db), new Seal(randomBytes(32))),
      notes: new LateNotes(new AuditStore(db), logger),
      streams,
      memo: new PrincipalMemo()
    })
    const known = newUser('known@example.com', 'admin')
    const change = { actor: SERVER, action: 'user.created', subject: subjectOf(known) } as const
    await users.insertFirst(known, await hashPassword('the right password'), change)
    const timeOf = async (email: string) => {
      const start = performance.now()
      await sessions
        .signIn({ email, password: 'a wrong password', code: undefined }, { userAgent: null, address: '198.51.100.1' })
        .catch(() => {})
      return performance.now() - start
    }
    const pairs: [known: number, unknown: number][] = []
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      // Which comes first changes, or what the first leaves behind would show.
      const first = Math.abs(round) % 2 === 0
      const before = first ? await timeOf(known.email) : 0
      const unknown = await timeOf('nobody@example.com')
      const pair: [number, number] = [first ? before : await timeOf(known.email), unknown]
      if (round >= 0) pairs.push(pair)
    }
    const [ofKnown, ofUnknown] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))]
    return [
      {
        what: 'a wrong password, p50',
        ours: ofKnown,
        unit: 'ms',
        target: null,
        baseline: { what: 'of an account that is not there', value: ofUnknown }
      },
      {
        what: 'runs in which chance makes that much of a difference',
        ours: byChance(pairs.map(([a, b]) => a - b)) * 100,
        unit: '%',
        target: ENOUGH_PERCENT,
        more: true
      }
    ]
  } finally {
    await streams.close()
    await db.destroy()
    rmSync(dataDir, { recursive: true })
  }
}

/**
 * How often the median of the differences is as far from 0 as it is, when a coin says of each which of the pair was which: a
 * sign-flip permutation test, 0 to 1.
 */
function byChance(differences: number[]): number {
  const found = Math.abs(median(differences))
  let asFar = 0
  for (let n = 0; n < SHUFFLES; n++) {
    if (Math.abs(median(differences.map(d => (Math.random() < 0.5 ? d : -d)))) >= found) asFar++
  }
  return asFar / SHUFFLES
}

export default bench
