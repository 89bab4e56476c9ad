import { at, type CloudAnswer, CloudError, CloudHttp, parseJson, textAt } from '@hotspare/cloud'
import { azureCredentials, type AzureCredentialsOptions } from '@hotspare/cloud/azure'
import type { Dispatcher } from 'undici'
import type { Operation } from '../provider.ts'

/** Of Microsoft.Network. */
const VERSION = '2024-05-01'

export interface NetworkInterfacesOptions extends Omit<AzureCredentialsOptions, 'ways'> {
  readonly dispatcher: Dispatcher | undefined
  readonly endpoint: string
  readonly subscription: string
  readonly resourceGroup: string
}

/** Network interfaces of one resource group, through Azure Resource Manager. */
export class NetworkInterfaces {
  readonly #http: CloudHttp
  readonly #options: NetworkInterfacesOptions

  constructor(options: NetworkInterfacesOptions) {
    const { who, endpoint, dispatcher, clock } = options
    this.#options = options
    this.#http = new CloudHttp({ who, endpoint, credentials: (ways) => azureCredentials({ ...options, ways }), dispatcher, clock })
  }

  /** @returns undefined where there is none of this name @throws CloudError */
  async find(name: string, signal: AbortSignal): Promise<unknown> {
    const answer = await this.#http.call({ method: 'GET', path: this.#path(name) }, signal)
    return answer.status === 404 ? undefined : this.#read(answer)
  }

  /** Puts a whole interface, unless it has changed since it was read. @throws CloudError */
  async put(name: string, body: object, signal: AbortSignal): Promise<Operation | undefined> {
    const etag = textAt(body, 'etag')
    const headers = { 'content-type': 'application/json', ...(etag === undefined ? {} : { 'if-match': etag }) }
    const answer = await this.#http.call({ method: 'PUT', path: this.#path(name), headers, body: JSON.stringify(body) }, signal)
    const put = this.#read(answer)
    const under = answer.header('azure-asyncoperation')
    if (under !== undefined) return this.#operation(under)
    if (textAt(put, 'properties', 'provisioningState') === 'Succeeded') return undefined
    return { hasEnded: async (own) => textAt(await this.find(name, own), 'properties', 'provisioningState') === 'Succeeded' }
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  /** @throws CloudError for a place that the token must not be sent to */
  #operation(under: string): Operation {
    const { who, endpoint } = this.#options
    const [url, own] = [URL.parse(under), new URL(endpoint)]
    if (url?.origin !== own.origin) throw new CloudError({ who, fault: 'unavailable', why: 'its operation is at another origin' })
    const path = `${url.pathname}${url.search}`
    return {
      hasEnded: async (signal) => {
        const operation = this.#read(await this.#http.call({ method: 'GET', path }, signal))
        const status = textAt(operation, 'status')
        if (status === 'Succeeded') return true
        if (status !== 'Failed' && status !== 'Canceled') return false
        const error = at(operation, 'error')
        const why = `${status}: ${textAt(error, 'code') ?? ''} ${textAt(error, 'message') ?? ''}`
        throw new CloudError({ who, fault: status === 'Canceled' ? 'busy' : 'refused', why })
      },
    }
  }

  #read(answer: CloudAnswer): unknown {
    if (answer.status >= 200 && answer.status < 300) return this.#http.json(answer)
    const error = at(parseJson(answer.text), 'error')
    throw this.#http.failure(answer, { code: textAt(error, 'code'), message: textAt(error, 'message') })
  }

  #path(name: string): string {
    const { subscription, resourceGroup } = this.#options
    const group = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}`
    return `${group}/providers/Microsoft.Network/networkInterfaces/${name}?api-version=${VERSION}`
  }
}
