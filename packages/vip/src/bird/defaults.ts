/** How BIRD is asked. Each number with its reason. */
export const birdDefaults: Readonly<
  Record<'minEstablished' | 'timeoutMs' | 'exportWaitMs' | 'pollMs' | 'mostCharacters' | 'mostSessions' | 'allowedMs', number>
> = Object.freeze({
  /** With one router that knows the way, users get here. */
  minEstablished: 1,
  /** BIRD answers within a millisecond, and is busy for tenths of a second with a full table of the internet. */
  timeoutMs: 1_000,
  /** BIRD hears of an address from the kernel at once; it exports it when it has nothing else to do. */
  exportWaitMs: 2_000,
  /** How often that is looked at: each look is a connection on this machine, and half a millisecond. */
  pollMs: 20,
  /** Some two thousand protocols. */
  mostCharacters: 262_144,
  /** Sessions that are asked for the route, one after the other. */
  mostSessions: 64,
  /** For one step of a plan: a claim, a wait for the export, and one more. */
  allowedMs: 10_000,
})
