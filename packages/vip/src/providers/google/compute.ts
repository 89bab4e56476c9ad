import {
  type CloudAnswer,
  CloudError,
  CloudHttp,
  type CloudRequest,
  type CloudWays,
  idPart,
  listAt,
  parseJson,
  textAt,
} from '@hotspare/cloud'
import { googleCredentials, type GoogleKey, googleKeyParts } from '@hotspare/cloud/google'
import type { z } from 'zod'
import { usualTerms } from '../defaults.ts'
import { type ProviderOptions, type ProviderParts, providerParts, type ResolvedProviderOptions } from '../options.ts'
import type { Operation, ProviderTerms } from '../provider.ts'

/** What every address at Google Cloud needs to know. */
export interface GoogleOptions extends ProviderOptions {
  readonly project: string
  /** The text of a service account's key file. Default: the account of the instance, from its metadata server */
  readonly key?: string | undefined
  /** Default: `http://metadata.google.internal` */
  readonly metadataEndpoint?: string | undefined
}

export interface ResolvedGoogleOptions extends ResolvedProviderOptions {
  readonly project: string
  readonly key: GoogleKey | undefined
  readonly metadataEndpoint: string
}

type GoogleShape = ProviderParts & typeof googleKeyParts & { readonly project: z.ZodString }

/** The keys of {@link GoogleOptions}. */
export const googleParts: GoogleShape = {
  ...providerParts('https://compute.googleapis.com/compute/v1'),
  project: idPart('my-project').regex(/^[a-z0-9.:-]+$/, 'expected the id of a project, like my-project'),
  ...googleKeyParts,
}

/** Compute Engine: 20 reads and 20 changes a second for each project and region; resource agents wait for up to 300 s. */
export const googleTerms: Omit<ProviderTerms, 'typicalMs' | 'allowedMs'> = {
  ...usualTerms,
  // Its operations take ten seconds and more, and a change is answered when it has begun.
  callMs: 15_000,
  pollMs: 1_000,
  rate: { perSecond: 2, burst: 20, source: 'Compute Engine: API rate limits' },
}

const SCOPE = 'https://www.googleapis.com/auth/compute'

/** By the reasons of Google's errors; what is not here is judged by its status. */
const LIMITS: ReadonlySet<string> = new Set(['rateLimitExceeded', 'userRateLimitExceeded', 'quotaExceeded'])

export class Compute {
  readonly #http: CloudHttp

  constructor(who: string, options: ResolvedGoogleOptions) {
    const { endpoint, dispatcher, clock } = options
    const credentials = (ways: CloudWays) => googleCredentials({ ...options, scope: SCOPE, who, ways })
    this.#http = new CloudHttp({ who, endpoint, credentials, dispatcher, clock })
  }

  /** @returns undefined where the answer is that there is no such thing @throws CloudError */
  async find(path: string, signal: AbortSignal): Promise<unknown> {
    const answer = await this.#http.call({ method: 'GET', path }, signal)
    return answer.status === 404 ? undefined : this.#read(answer)
  }

  /** A change, which goes on by itself. @param gone whether a thing that is not there is what was wanted @throws CloudError */
  async change(
    request: CloudRequest & { readonly json?: object },
    operations: string,
    signal: AbortSignal,
    gone = false,
  ): Promise<Operation | undefined> {
    const { json, ...rest } = request
    const sent = json === undefined ? rest : { ...rest, headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) }
    const answer = await this.#http.call(sent, signal)
    if (gone && answer.status === 404) return undefined
    const begun = this.#read(answer)
    const name = textAt(begun, 'name')
    if (name === undefined) throw new CloudError({ who: this.#http.who, fault: 'unavailable', why: 'the answer names no operation' })
    if (this.#hasEnded(begun)) return undefined
    return { hasEnded: async (own) => this.#hasEnded(await this.find(`${operations}/${encodeURIComponent(name)}`, own)) }
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  #hasEnded(operation: unknown): boolean {
    const error = listAt(operation, 'error', 'errors')[0]
    if (error === undefined) return textAt(operation, 'status') === 'DONE'
    const [code, message] = [textAt(error, 'code') ?? '', textAt(error, 'message') ?? '']
    const busy = /NOT_READY|IN_USE|ALREADY_EXISTS|CONDITION|FINGERPRINT/.test(code)
    throw new CloudError({ who: this.#http.who, fault: busy ? 'busy' : 'refused', why: `${code}: ${message}` })
  }

  #read(answer: CloudAnswer): unknown {
    if (answer.status >= 200 && answer.status < 300) return this.#http.json(answer)
    const body = parseJson(answer.text)
    const reason = textAt(body, 'error', 'errors', 0, 'reason')
    const limited = LIMITS.has(reason ?? '')
    throw this.#http.failure(answer, {
      code: reason,
      message: textAt(body, 'error', 'message'),
      ...(limited ? { fault: 'limited' as const } : {}),
    })
  }
}

/** `europe-west3-a/web-1`: an instance, with its zone. */
export interface GoogleTarget {
  readonly zone: string
  readonly instance: string
}

export function googleTarget(target: string): GoogleTarget {
  const [zone = '', instance = ''] = target.split('/')
  return { zone, instance }
}
