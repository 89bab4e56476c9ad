const numbers = {
  /** One answer, its body included. The daemon answers from memory within milliseconds; a person at a terminal still waits this long. */
  timeoutMs: 5_000,
  /** One answer. The longest is the timeline: its default of 10,000 entries makes some 3 MB, and a daemon may be told to keep twenty times that. */
  maxAnswerBytes: 67_108_864,
  /** One event. The daemon's longest texts are clipped to some hundred characters, so what is longer is no event of ours. */
  maxEventCharacters: 1_048_576,
} as const

/** What applies where an option is left out, and what no option changes. */
export const apiDefaults: typeof numbers = Object.freeze(numbers)
