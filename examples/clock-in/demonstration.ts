import type { Demonstration } from '../support/demonstration.ts'
import { ACCOUNT, startAttendance } from './attendance.ts'
import { install } from './install.ts'

export const demonstrate: Demonstration = async botyard => {
  const attendance = await startAttendance()
  await install(botyard, { url: attendance.url, ...ACCOUNT })
  return {
    lines: [
      `A stand-in for the attendance system is at ${attendance.url}.`,
      `Run Clock in: ${botyard.url}/bots/clock-in`,
      'Its schedule begins each workday at a minute by chance between 08:40 and 08:59 in Jakarta.'
    ],
    stop: () => attendance.close()
  }
}
