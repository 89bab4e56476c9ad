/** The limits of a gRPC probe. Each number with its reason. */
export const grpcLimits: { readonly messageBytes: number; readonly headerBytes: number; readonly headerLines: number } = Object.freeze({
  /** A HealthCheckResponse has two bytes; fields that a later version may add have room in this. */
  messageBytes: 4_096,
  /** Of header and of trailer; as an HTTP probe's. */
  headerBytes: 16_384,
  /** Node's own limit for HTTP/2. */
  headerLines: 128,
})
