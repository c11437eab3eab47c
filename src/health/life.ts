/** Whether the server takes work at this moment of its life. */
export class Life {
  #phase: 'starting' | 'running' | 'stopping' = 'starting'

  get phase(): 'starting' | 'running' | 'stopping' {
    return this.#phase
  }

  /** It listens, and whatever works by itself has begun. */
  begin(): void {
    if (this.#phase === 'starting') this.#phase = 'running'
  }

  /** It is told to stop: what is open is brought to its end, and nothing more is to be sent here. */
  stop(): void {
    this.#phase = 'stopping'
  }
}
