/** Every number that a sticky cookie assumes, with its reason. */
export const stickyCookieDefaults: {
  readonly name: string
  readonly maxAgeSeconds: number
  readonly mostAgeSeconds: number
  readonly maxCharacters: number
  readonly leastKeyBytes: number
  readonly mostKeys: number
} = Object.freeze({
  name: 'hotspare',
  /** A working day with its evening: it is renewed when the client is sent elsewhere. */
  maxAgeSeconds: 86_400,
  /** 400 days: browsers keep no cookie longer (RFC 6265bis, 5.5). */
  mostAgeSeconds: 34_560_000,
  /** Far below the 4096 bytes that browsers keep for a cookie with its name and attributes; what is longer is not even looked at. */
  maxCharacters: 1_024,
  /** As many as the hash gives. */
  leastKeyBytes: 32,
  /** Each is tried on a value that nobody signed. */
  mostKeys: 8,
})
