import type { IncomingMessage } from 'node:http'
import type { PickRequest } from './types.ts'

/** A request of Node's own server, as its picker sees it; nothing is read before it is asked for. */
export class NodeRequest implements PickRequest {
  readonly #message: IncomingMessage

  constructor(message: IncomingMessage) {
    this.#message = message
  }

  get method(): string {
    return this.#message.method ?? 'GET'
  }

  get url(): string {
    return this.#message.url ?? '/'
  }

  get headers(): IncomingMessage['headers'] {
    return this.#message.headers
  }

  get remoteAddress(): string | undefined {
    return this.#message.socket.remoteAddress
  }
}
