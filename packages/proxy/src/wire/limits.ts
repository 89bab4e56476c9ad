/** How large a head may be. */
export interface HeadLimits {
  /** From the first byte to the empty line, both included. */
  readonly maxHeaderBytes: number
  readonly maxFields: number
}

export interface ChunkedLimits {
  /** Of one message, all of its chunks together. */
  readonly maxExtensionBytes: number
  /** Of the trailer section, its empty line included. */
  readonly maxTrailerBytes: number
  readonly maxTrailers: number
}
