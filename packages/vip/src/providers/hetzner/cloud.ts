import { at, type CloudAnswer, CloudError, type CloudFault, CloudHttp, fixedBearer, parseJson, secretPart, textAt } from '@hotspare/cloud'
import type { z } from 'zod'
import { usualTerms } from '../defaults.ts'
import { type ProviderOptions, type ProviderParts, providerParts, type ResolvedProviderOptions } from '../options.ts'
import type { Operation, ProviderTerms } from '../provider.ts'

/** What every address at Hetzner Cloud needs to know. */
export interface HetznerOptions extends ProviderOptions {
  /** Of the project, with the right to write. */
  readonly token: string
}

export interface ResolvedHetznerOptions extends ResolvedProviderOptions {
  readonly token: string
}

type HetznerShape = ProviderParts & { readonly token: z.ZodString }

/** The keys of {@link HetznerOptions}. */
export const hetznerParts: HetznerShape = { ...providerParts('https://api.hetzner.cloud/v1'), token: secretPart }

export const hetznerTerms: Omit<ProviderTerms, 'typicalMs'> = {
  ...usualTerms,
  allowedMs: { acquire: 60_000, release: 60_000 },
  // 3,600 an hour for the whole project, one of which comes back each second: a third of it for each of three nodes.
  rate: { perSecond: 1 / 3, burst: 60, source: 'Hetzner Cloud API documentation: Rate Limiting' },
}

/** By the error codes of Hetzner Cloud; what is not here is judged by its status. */
const FAULTS: Readonly<Record<string, CloudFault>> = {
  rate_limit_exceeded: 'limited',
  resource_limit_exceeded: 'refused',
  locked: 'busy',
  conflict: 'busy',
  floating_ip_assigned: 'busy',
  unauthorized: 'credentials',
}

export class HetznerCloud {
  readonly #http: CloudHttp

  constructor(who: string, { token, endpoint, dispatcher, clock }: ResolvedHetznerOptions) {
    // `RateLimit-Reset` is when all of it is there again; one call comes back much sooner.
    this.#http = new CloudHttp({ who, endpoint, credentials: () => fixedBearer(token), refill: 'steady', dispatcher, clock })
  }

  /** @returns undefined where there is no such thing @throws CloudError */
  async find(path: string, signal: AbortSignal): Promise<unknown> {
    const answer = await this.#http.call({ method: 'GET', path }, signal)
    return answer.status === 404 ? undefined : this.#read(answer)
  }

  /** @throws CloudError */
  async send(method: 'POST' | 'PUT', path: string, json: object, signal: AbortSignal): Promise<unknown> {
    const headers = { 'content-type': 'application/json' }
    return this.#read(await this.#http.call({ method, path, headers, body: JSON.stringify(json) }, signal))
  }

  /** An action, which goes on by itself. @throws CloudError */
  async act(path: string, json: object, signal: AbortSignal): Promise<Operation | undefined> {
    const begun = at(await this.send('POST', path, json, signal), 'action')
    const action = textAt(begun, 'id')
    if (action === undefined) throw new CloudError({ who: this.#http.who, fault: 'unavailable', why: 'the answer names no action' })
    if (this.#hasEnded(begun)) return undefined
    return { hasEnded: async (own) => this.#hasEnded(at(await this.find(`/actions/${action}`, own), 'action')) }
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  #hasEnded(action: unknown): boolean {
    if (textAt(action, 'status') !== 'error') return textAt(action, 'status') === 'success'
    const [code, message] = [textAt(action, 'error', 'code') ?? '', textAt(action, 'error', 'message') ?? '']
    throw new CloudError({
      who: this.#http.who,
      fault: FAULTS[code] ?? 'busy',
      why: `the action has failed: ${code}: ${message}`,
    })
  }

  #read(answer: CloudAnswer): unknown {
    if (answer.status >= 200 && answer.status < 300) return this.#http.json(answer)
    const error = at(parseJson(answer.text), 'error')
    const code = textAt(error, 'code')
    throw this.#http.failure(answer, { code, message: textAt(error, 'message'), fault: FAULTS[code ?? ''] })
  }
}
