/** What is wrong with a message, as a stable code. */
export type RefusalReason =
  // The start line.
  | 'method'
  | 'method-too-long'
  | 'target'
  | 'target-form'
  | 'target-too-long'
  | 'version'
  | 'version-unsupported'
  | 'status-line'
  | 'status'
  // The lines after it.
  | 'line-end'
  | 'line-folded'
  | 'field-name'
  | 'field-name-alias'
  | 'field-value'
  | 'fields-too-large'
  | 'fields-too-many'
  // Where a request wants to go.
  | 'host'
  | 'host-missing'
  | 'host-doubled'
  | 'host-mismatch'
  // What the fields say of the connection and the body.
  | 'connection-option'
  | 'expectation'
  | 'upgrade'
  | 'content-length'
  | 'content-length-doubled'
  | 'transfer-encoding'
  | 'transfer-encoding-doubled'
  | 'transfer-encoding-in-1.0'
  | 'transfer-coding-unknown'
  | 'length-and-coding'
  | 'body-forbidden'
  // The body.
  | 'chunk-size'
  | 'chunk-extension'
  | 'chunk-end'
  | 'trailer'

/** What a client is told; 502 if it is a target whose answer is refused. */
export type RefusalStatus = 400 | 414 | 417 | 431 | 501 | 502 | 505

/** Why a message goes no further. The connection it came on cannot be used any more: nobody knows where it ends. */
export interface Refusal {
  readonly kind: 'refused'
  readonly status: RefusalStatus
  readonly reason: RefusalReason
  /** For people. Says nothing that the message contains. */
  readonly because: string
}

export function refuse(status: RefusalStatus, reason: RefusalReason, because: string): Refusal {
  return { kind: 'refused', status, reason, because }
}

/** The same of an answer: whatever is wrong with it, to the client the target is a bad gateway's. */
export function ofAnswer(refusal: Refusal): Refusal {
  return { ...refusal, status: 502 }
}
