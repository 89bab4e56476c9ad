/** The limits of a WebSocket probe. Each number with its reason. */
export const websocketLimits: { readonly headerBytes: number; readonly receivedBytes: number; readonly farewellMs: number } = Object.freeze(
  {
    /** As an HTTP probe's. */
    headerBytes: 16_384,
    /** A server may talk before it answers the ping, and is not asked to talk for long. */
    receivedBytes: 1_048_576,
    /** How long the server's own farewell is waited for: its pong has decided already. */
    farewellMs: 100,
  },
)
