/** The first message to a worker: which subject it is. */
export interface PickTask {
  readonly subject: string
  readonly size: number
  /** 0 asks to prepare, and to say how many picks fill a batch of `batchMs`. */
  readonly picks: number
  readonly batchMs: number
}

export type PickAnswer =
  | {
      readonly ok: true
      readonly picks: number
      readonly nanosPerPick: number
      /** Undefined where it would not fit between two collections. */
      readonly bytesPerPick?: number | undefined
    }
  | { readonly ok: false; readonly because: string }
