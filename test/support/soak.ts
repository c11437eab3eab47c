/** Set by `npm run soak`: what takes a few rounds in a test takes all of them there. */
export const SOAK = process.env.SOAK === '1'

/** How often to do something: `few` times in a test, `all` in a soak. `ROUNDS` says otherwise. */
export function rounds(few: number, all: number): number {
  return Number(process.env.ROUNDS ?? (SOAK ? all : few))
}
