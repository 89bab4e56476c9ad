/** Something of the account that does not change, like the id of a zone: given, or asked for once and kept. */
export class Known<Value> {
  readonly #ask: (signal: AbortSignal) => Promise<Value>
  #value: Value | undefined

  /** @param value undefined: asked for by the first who needs it; a question that fails is asked again by the next */
  constructor(value: Value | undefined, ask: (signal: AbortSignal) => Promise<Value>) {
    this.#value = value
    this.#ask = ask
  }

  async get(signal: AbortSignal): Promise<Value> {
    this.#value ??= await this.#ask(signal)
    return this.#value
  }

  /** Undefined until it is known. */
  get value(): Value | undefined {
    return this.#value
  }
}
