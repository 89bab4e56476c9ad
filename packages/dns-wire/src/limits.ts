/** How much of a message is read or written. Each number with its reason. */
export const wireLimits: Readonly<
  Record<'messageBytes' | 'nameBytes' | 'labelBytes' | 'labels' | 'jumps' | 'ednsBytes' | 'values', number>
> = Object.freeze({
  /** The length before a message on TCP has two bytes. */
  messageBytes: 65_535,
  /** With the length of each label and the root. RFC 1035, 2.3.4. */
  nameBytes: 255,
  labelBytes: 63,
  /** In all the names of a message: two bytes may stand for a name of 127 labels, so that 64 KiB can take half a second to spell out. */
  labels: 16_384,
  /** A name has at most 127 labels: more pointers than that are made to keep the reader busy. */
  jumps: 127,
  /** Told to servers by EDNS: the largest answer that crosses the internet in one piece (DNS flag day 2020). */
  ednsBytes: 1_232,
  /** Of one set in an update: more cannot be answered in a message either. */
  values: 4_096,
})
