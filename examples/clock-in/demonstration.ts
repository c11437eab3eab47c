import type { Demonstration } from '../support/demonstration.ts'
import { ACCOUNT, startAttendance } from './attendance.ts'
import { install } from './install.ts'
import { startPhone } from './phone.ts'

export const demonstrate: Demonstration = async botyard => {
  const attendance = await startAttendance()
  const phone = await startPhone((title, message) => console.log(`Your phone: ${title}\n${message}\n`))
  await install(botyard, { url: attendance.url, ...ACCOUNT, ntfy: { topic: 'attendance', server: phone.url } })
  return {
    lines: [
      `A stand-in for the attendance system is at ${attendance.url}.`,
      `Run Clock in: ${botyard.url}/bots/clock-in, then Clock out: a stand-in for your phone says here what it is told.`,
      'Its schedule begins each workday at a minute by chance between 08:40 and 08:59 in Jakarta.'
    ],
    stop: async () => {
      await attendance.close()
      await phone.close()
    }
  }
}
