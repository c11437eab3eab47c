import t from 'tap'
import type { AttemptFiles } from '../../src/attempts/attempt-directory.ts'
import {
  judge,
  type Living,
  lostOutcome,
  neverRan,
  outcome,
  toldByTerminal,
  type Verdict
} from '../../src/attempts/judgement.ts'

const NOBODY: Living = { wrapper: false, bot: false, relay: false }
const ALL: Living = { wrapper: true, bot: true, relay: true }
const WRAPPER: Living = { ...NOBODY, wrapper: true }
const BOT: Living = { ...NOBODY, bot: true }
const RELAY: Living = { ...NOBODY, relay: true }

const files = (some: Partial<AttemptFiles> = {}): AttemptFiles => ({
  started: true,
  unstarted: false,
  exit: null,
  closed: null,
  ...some
})
const ended = (exit: number, closed: number | null = 0) => files({ exit, closed })

const verdicts: [behaviour: string, AttemptFiles, Living[], Verdict][] = [
  ['without `started` it is starting, whoever lives', files({ started: false }), [NOBODY, ALL, WRAPPER], 'starting'],
  ['`unstarted`: it has ended, as the bot never ran', files({ unstarted: true }), [NOBODY, ALL, WRAPPER], 'ended'],
  ['`exit` and `closed`: it has ended, whoever lives', ended(0), [NOBODY, ALL, BOT, RELAY], 'ended'],
  ['it has ended with any exit code', ended(137, 153), [NOBODY, ALL], 'ended'],
  ['`exit` while the relay holds on: it lingers', ended(0, null), [ALL, RELAY, WRAPPER], 'lingering'],
  ['`exit` and nobody left to write `closed`: it has ended', ended(0, null), [NOBODY, BOT], 'ended'],
  ['no `exit` and somebody there: it runs', files(), [ALL, WRAPPER, BOT, RELAY], 'running'],
  ['the relay has gone before the bot: it runs', files({ closed: 153 }), [ALL, WRAPPER, BOT], 'running'],
  ['no `exit` and nobody there: it is lost', files(), [NOBODY], 'lost'],
  ['`closed` tells nothing of how the bot ended: it is lost', files({ closed: 0 }), [NOBODY], 'lost']
]

for (const [behaviour, found, livings, verdict] of verdicts) {
  t.test(behaviour, async t => {
    for (const living of livings) t.equal(judge(found, living), verdict, JSON.stringify(living))
  })
}

const outcomes: [behaviour: string, ReturnType<typeof outcome>, expected: object][] = [
  [
    'exit code 0 is success',
    outcome(ended(0), null, null),
    { state: 'succeeded', reason: null, exitCode: 0, signal: null, detail: null }
  ],
  [
    'any other is a failure by exit code',
    outcome(ended(7), null, null),
    { state: 'failed', reason: 'exit_code', exitCode: 7, signal: null, detail: null }
  ],
  [
    '128 stands for no signal',
    outcome(ended(128), null, null),
    { state: 'failed', reason: 'exit_code', exitCode: 128, signal: null }
  ],
  [
    '255 stands for no signal',
    outcome(ended(255), null, null),
    { state: 'failed', reason: 'exit_code', exitCode: 255, signal: null }
  ],
  [
    '137 is SIGKILL, or the bot said so',
    outcome(ended(137), null, null),
    { state: 'failed', reason: 'signal', exitCode: 137, signal: 'SIGKILL', detail: /SIGKILL ended it, or/ }
  ],
  ['134 is SIGABRT, not the same number’s other name', outcome(ended(134), null, null), { signal: 'SIGABRT' }],
  [
    'a bot we cancelled is cancelled, however it ended',
    outcome(ended(0), 'cancel', null),
    { state: 'cancelled', reason: 'requested', exitCode: 0 }
  ],
  [
    'a cancelled bot tells the signal that ended it',
    outcome(ended(130), 'cancel', null),
    { state: 'cancelled', exitCode: 130, signal: 'SIGINT' }
  ],
  [
    'a bot that ran too long timed out, also when it then exits with 0',
    outcome(ended(0), 'timeout', null),
    { state: 'timed_out', reason: 'wall_clock', exitCode: 0 }
  ],
  [
    'a relay that reached the cap is the log limit, whatever the bot made of it',
    outcome(ended(0, 153), null, null),
    { state: 'failed', reason: 'log_limit' }
  ],
  [
    'a cancelled bot stays cancelled when the cap was reached as well',
    outcome(ended(141, 153), 'cancel', null),
    { state: 'cancelled' }
  ],
  [
    'a bot the wrapper could not start has no exit code',
    outcome(files({ unstarted: true, exit: 125, closed: 0 }), null, 'no such program'),
    { state: 'failed', reason: 'spawn', detail: 'no such program', exitCode: null, signal: null }
  ],
  [
    'a program that could not be run says why',
    outcome(ended(126), null, 'not permitted'),
    { state: 'failed', reason: 'spawn', detail: 'not permitted' }
  ],
  ['125 of its own is a plain exit code', outcome(ended(125), null, null), { reason: 'exit_code', exitCode: 125 }],
  [
    'success with a full disk is none',
    outcome(ended(0, 1), null, null),
    { state: 'failed', reason: 'log_incomplete', exitCode: 0, detail: /the disk was full/ }
  ],
  [
    'success whose log nobody finished is none',
    outcome(ended(0, null), null, null),
    { state: 'failed', reason: 'log_incomplete', exitCode: 0 }
  ],
  [
    'what holds a terminal and could not write its log has not told how the bot exited',
    outcome(toldByTerminal(ended(141, 1)), null, null),
    { state: 'failed', reason: 'log_incomplete', exitCode: null, signal: null, detail: /not known.*disk was full/ }
  ],
  [
    'neither has it when the log reached the cap',
    outcome(toldByTerminal(ended(141, 153)), null, null),
    { state: 'failed', reason: 'log_limit', exitCode: null }
  ],
  [
    'a bot in a terminal that SIGPIPE ended, while its log was written, ended so',
    outcome(toldByTerminal(ended(141)), null, null),
    { state: 'failed', reason: 'signal', exitCode: 141, signal: 'SIGPIPE' }
  ],
  [
    'a failure keeps its exit code when the log is not whole as well',
    outcome(ended(3, 1), null, null),
    { state: 'failed', reason: 'exit_code', exitCode: 3 }
  ],
  [
    'a child left behind is told and does not spoil the success',
    outcome(ended(0, 143), null, null),
    { state: 'succeeded', reason: null, detail: /left behind/ }
  ],
  [
    'a child left behind by a bot that failed is told, too',
    outcome(ended(3, 143), null, null),
    { detail: /left behind/ }
  ],
  [
    'nobody saw the end: lost, without an exit code',
    lostOutcome(null),
    { state: 'lost', exitCode: null, signal: null }
  ],
  ['what we did counts also when nobody saw the end', lostOutcome('cancel'), { state: 'cancelled', exitCode: null }],
  ['a deadline counts also when nobody saw the end', lostOutcome('timeout'), { state: 'timed_out', exitCode: null }],
  [
    'a bot that never ran failed to spawn',
    neverRan(null, 'no memory'),
    { state: 'failed', reason: 'spawn', detail: 'no memory', exitCode: null }
  ],
  ['a bot cancelled before it ran is cancelled', neverRan('cancel', ''), { state: 'cancelled', reason: 'requested' }]
]

for (const [behaviour, got, expected] of outcomes) t.test(behaviour, async t => t.match(got, expected))
