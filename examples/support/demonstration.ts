import type { Botyard } from './botyard.ts'

/** Installs an example into a Botyard that was just started, with whatever it talks to; says what there is to see. */
export type Demonstration = (botyard: Botyard) => Promise<{ lines: string[]; stop(): Promise<void> }>
