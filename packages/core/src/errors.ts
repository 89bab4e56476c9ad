const marker = Symbol.for('hotspare.error')

/** What a {@link HotspareError} is made of. */
export interface HotspareErrorOptions {
  /** `HOTSPARE_<PACKAGE>_<WHAT>`: stable, to be matched by code. */
  readonly code: `HOTSPARE_${string}`
  /** `who: what failed: hint`, for people. Never holds a secret. */
  readonly message: string
  /** Whether the same call may succeed later without a change by people. Default: false. */
  readonly retryable?: boolean | undefined
  readonly cause?: unknown
}

/** The one error class: thrown for misuse and lost control only; expected outcomes are values. */
export class HotspareError extends Error {
  readonly code: `HOTSPARE_${string}`
  readonly retryable: boolean

  constructor(options: HotspareErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'HotspareError'
    this.code = options.code
    this.retryable = options.retryable ?? false
    Object.defineProperty(this, marker, { value: true })
  }

  /** Recognises the error across copies of this package, where `instanceof` fails. */
  static is(value: unknown): value is HotspareError {
    try {
      return typeof value === 'object' && value !== null && marker in value
    } catch {
      // A proxy may refuse to be looked at.
      return false
    }
  }
}

/** The text of anything thrown, and never throws itself; Node's network errors often carry a code and no message. */
export function errorText(thrown: unknown): string {
  try {
    if (thrown instanceof AggregateError && thrown.errors.length > 0) return thrown.errors.map(errorText).join('; ')
    // Plain JavaScript may have put anything where a text belongs.
    return String(thrown instanceof Error ? thrown.message || errorCode(thrown) || thrown.name : thrown)
  } catch {
    return 'something without a text was thrown'
  }
}

/** The `code` of anything thrown (`ECONNREFUSED`, `UND_ERR_SOCKET`), or undefined. */
export function errorCode(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code
  return thrown instanceof AggregateError ? errorCode(thrown.errors[0]) : undefined
}
