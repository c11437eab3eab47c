/** Something that has happened, and that others act upon. */
export type Happening = { id: string; at: number } & (
  | { kind: 'execution.ended'; executionId: string }
  /** A slot of a schedule was expected to start something, and did not. */
  | { kind: 'slot.missed'; triggerId: string; slotAt: number }
)

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
export type NewHappening = WithoutId<Happening>

/** Who acts upon what happens. He may hear of one thing twice, and throws when he could not act, to hear of it again. */
export interface Follower {
  follow(happening: Happening): Promise<void>
}
