/** How a virtual address is claimed, announced and defended. Each number with its reason. */
export const vipDefaults: Readonly<
  Record<
    | 'probeWaitMs'
    | 'probeCount'
    | 'probeFreshMs'
    | 'probePollMs'
    | 'watchMs'
    | 'refreshMs'
    | 'refreshShare'
    | 'gateMarginMs'
    | 'resetMs'
    | 'guardMs'
    | 'defendIntervalMs'
    | 'foreignMemoryMs'
    | 'announceEveryMs'
    | 'callTimeoutMs'
    | 'allowedMs',
    number
  >
> = Object.freeze({
  /** A host on the same network answers within 1 to 5 ms; RFC 5227's own 5 s are meant for a network that nobody is in a hurry on. */
  probeWaitMs: 75,
  /** Sent evenly over the wait: two of them may be lost. RFC 5227's number. */
  probeCount: 3,
  /** The time that taking a lease may need meanwhile. A holder that comes up in that time is found by the watch. */
  probeFreshMs: 3_000,
  /** How often an answer is looked for while a probe waits: one call of 2 microseconds each. */
  probePollMs: 2,
  /** How often claims of others are looked for; with the kernel's filter, one call that finds nothing takes 2 microseconds. */
  watchMs: 50,
  /** The longest pause between two refreshes: what a renewal of the right has gained is in the kernel that soon. */
  refreshMs: 200,
  /** Eight refreshes in a lifetime: some may come late, or not at all. */
  refreshShare: 1 / 8,
  /** How long before the right's end the gate shuts: two ticks of a kernel that counts in steps of 10 ms, and a little. */
  gateMarginMs: 25,
  /** How long the address outlives its gate at least: time for the next packet of a connection, which is then reset. */
  resetMs: 250,
  /** How long the gate stays in the kernel after it has shut, beyond a lifetime: until the address itself has gone for certain. */
  guardMs: 5_000,
  /** RFC 5227 says 10 s, so that two hosts do not shout each other down; a wrong entry is a site that is down, and one frame a second harms nobody. */
  defendIntervalMs: 1_000,
  /** How long a stranger is believed to hold the address after it was last heard: two rounds of somebody who looks every 5 s. */
  foreignMemoryMs: 10_000,
  /** A client or switch that has missed every earlier announcement is wrong for half a minute at most. */
  announceEveryMs: 30_000,
  /** For one call as a whole: commands take some 10 ms each, and seconds on a machine that starves. */
  callTimeoutMs: 5_000,
  /** For one step of a plan: a call, and one more. */
  allowedMs: 10_000,
})

/**
 * When an address is announced after a claim, in milliseconds. At once; before a first TCP retransmission (0.2 s); after
 * Linux's neighbour lock of 1 s; and twice more for switches and hosts that were busy or came up late.
 */
export const ANNOUNCE_AT_MS: readonly number[] = Object.freeze([0, 200, 1_200, 2_400, 5_000])

/** Limits of the commands that stand in for netlink. Each number with its reason. */
export const commandDefaults: Readonly<Record<'timeoutMs' | 'maxOutputBytes' | 'gateLatenessMs', number>> = Object.freeze({
  /** `ip` and `nft` take 5 to 25 ms; a machine where they take a hundred times as long is sick. */
  timeoutMs: 2_000,
  /** Some ten thousand addresses as JSON. */
  maxOutputBytes: 4_194_304,
  /** A refresh by `nft` is killed after this, and the gate shuts earlier by as much: the timeout counts from when the kernel reads it. */
  gateLatenessMs: 250,
})
