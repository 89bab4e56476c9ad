import type { AzureClient } from '../azure/credentials.ts'
import type { StandInAnswer, StandInRequest } from './stand-in.ts'

/** Microsoft's login endpoint, and the metadata service of a virtual machine. */
export class AzureTokens {
  readonly granted: string[] = []
  readonly #valid = new Set<string>()
  readonly #client: AzureClient
  #believed = true

  /** @param client the one that is known */
  constructor(client: AzureClient) {
    this.#client = client
  }

  /** Whether the request shows a token that was granted, and is still good. */
  areShown({ headers }: StandInRequest): boolean {
    return this.#valid.has(headers.authorization?.replace(/^Bearer /, '') ?? '')
  }

  expire(): void {
    this.#valid.clear()
  }

  refuse(): void {
    this.#believed = false
    this.#valid.clear()
  }

  /** @returns undefined for what is no request of these services */
  answer({ method, path, query, headers, body }: StandInRequest): StandInAnswer | undefined {
    const metadata = path === '/metadata/identity/oauth2/token'
    if (!metadata && path !== `/${this.#client.tenant}/oauth2/v2.0/token`) return undefined
    const form = new URLSearchParams(body)
    const isClient = form.get('client_secret') === this.#client.secret && form.get('client_id') === this.#client.id
    const isScoped = form.get('scope') === 'https://management.azure.com/.default' && form.get('grant_type') === 'client_credentials'
    const isMetadata = method === 'GET' && headers['metadata'] === 'true' && query.get('resource') === 'https://management.azure.com/'
    const good = metadata ? isMetadata : method === 'POST' && isClient && isScoped
    if (!good || !this.#believed) return { status: 401, body: { error: 'invalid_client', error_description: body } }
    const token = `eyJ-secret-${this.granted.length + 1}`
    this.#valid.add(token)
    this.granted.push(token)
    // The metadata service writes a text.
    return { status: 200, body: { access_token: token, expires_in: metadata ? '3599' : 3_599, token_type: 'Bearer' } }
  }
}
