/** How adverts are judged. Each number with its reason. */
export const followDefaults: Readonly<Record<'downAdverts' | 'priority' | 'lateIntervals' | 'maxSpeakers', number>> = Object.freeze({
  /** A backup waits for three adverts and its skew (RFC 9568 section 6.1). */
  downAdverts: 3,
  /** Of the backup whose skew counts, where it is not known: the default of the RFCs. */
  priority: 100,
  /** An advert that is so much of an interval late was lost: timers of a loaded machine are late by far less. */
  lateIntervals: 1.5,
  /** Routers that speak for one virtual router at once: two are a fault already, more than this are an attack. */
  maxSpeakers: 16,
})

/** The bounds of a configuration. Each number with its reason. */
export const keepalivedDefaults: Readonly<
  Record<'maxFileBytes' | 'maxFiles' | 'maxDepth' | 'maxLines' | 'maxLineCharacters' | 'maxRounds' | 'maxBlocks' | 'maxTold', number>
> = Object.freeze({
  /** The largest configurations are made by programs, and have some ten thousand instances in a megabyte. */
  maxFileBytes: 8_388_608,
  maxFiles: 1_000,
  /** Of includes: a file that includes itself ends here. */
  maxDepth: 16,
  /** After definitions of several lines have been put in. */
  maxLines: 200_000,
  /** After definitions have been put in. */
  maxLineCharacters: 65_536,
  /** Definitions inside of definitions: one that refers to itself ends here. */
  maxRounds: 32,
  /** Blocks inside of blocks; keepalived's own go to four. */
  maxBlocks: 32,
  /** Problems, and kinds of lines that mean nothing here, that are told of. */
  maxTold: 200,
})

/** How frames are captured. Each number with its reason. */
export const captureDefaults: Readonly<Record<'lookEveryMs' | 'maxFrames' | 'maxAddresses' | 'receiveBufferBytes', number>> = Object.freeze(
  {
    /** The kernel stamps frames as they come: a look may be late without making any time wrong. */
    lookEveryMs: 20,
    /** Frames that are read in one go: a storm is cut off, and goes on at the next look. */
    maxFrames: 512,
    /** Addresses that the kernel compares; with more, all ARP comes up, and is sorted here. */
    maxAddresses: 64,
    /** Some thousand adverts, as long as this process does not run: 30 s at 0.03 s. */
    receiveBufferBytes: 1_048_576,
  },
)
