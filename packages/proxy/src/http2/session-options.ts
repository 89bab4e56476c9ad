import type { ServerSessionOptions } from 'node:http2'

/** Of one upload before the target has taken anything; 64 KiB, HTTP/2's own, would hold an upload up on a long way. */
const STREAM_WINDOW_BYTES = 256 * 1024
/** Of all uploads on one connection together. */
export const SESSION_WINDOW_BYTES: number = 1_024 * 1_024
/** What RFC 9113, 10.5.1 counts for each field besides its name and value, and how many fields there may be. */
const FIELD_OVERHEAD_BYTES = 32
const MOST_FIELDS = 100

/**
 * What a connection of HTTP/2 may cost. The library bounds the rest by itself: frames of CONTINUATION, and answers to
 * SETTINGS and PING that are not taken.
 */
export function sessionOptions(maxConcurrentStreams: number, maxHeaderBytes: number): ServerSessionOptions {
  return {
    settings: {
      maxConcurrentStreams,
      initialWindowSize: STREAM_WINDOW_BYTES,
      // The limit itself is the engine's, which has an answer for it.
      maxHeaderListSize: maxHeaderBytes + MOST_FIELDS * FIELD_OVERHEAD_BYTES,
      enablePush: false,
    },
    maxHeaderListPairs: MOST_FIELDS + 28,
    // Frames that make no sense; one that means well sends none.
    maxSessionInvalidFrames: 100,
    // MB, of what is kept for one connection.
    maxSessionMemory: 10,
  }
}
