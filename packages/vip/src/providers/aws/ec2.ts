import { at, type CloudAnswer, CloudError, type CloudFault, CloudHttp, listAt, textAt } from '@hotspare/cloud'
import { awsCredentials, awsKeyParts, type AwsKeys } from '@hotspare/cloud/aws'
import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'
import { usualTerms } from '../defaults.ts'
import { type ProviderOptions, type ProviderParts, providerParts, type ResolvedProviderOptions } from '../options.ts'
import type { ProviderTerms } from '../provider.ts'
import { readFencingToken } from '../reading.ts'

/** What every address at AWS needs to know. */
export interface AwsOptions extends ProviderOptions {
  /** `eu-central-1` */
  readonly region: string
  /** Default: those of the instance's role, from its metadata service (IMDSv2) */
  readonly keys?: AwsKeys | undefined
  /** Default: `http://169.254.169.254` */
  readonly metadataEndpoint?: string | undefined
}

export interface ResolvedAwsOptions extends ResolvedProviderOptions {
  readonly region: string
  readonly keys: AwsKeys | undefined
  readonly metadataEndpoint: string
}

type AwsShape = ProviderParts & typeof awsKeyParts & { readonly region: z.ZodString }

/** The keys of {@link AwsOptions}; without an endpoint, it is that of the region. */
export const awsParts: AwsShape = {
  ...providerParts('https://ec2'),
  region: z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'expected a region, like eu-central-1'),
  ...awsKeyParts,
}

/** EC2's token buckets are per action; those of mutating calls are the smallest, and refill with two to five a second. */
export const awsTerms: Omit<ProviderTerms, 'typicalMs' | 'allowedMs'> = {
  ...usualTerms,
  rate: { perSecond: 2, burst: 20, source: 'Amazon EC2 Developer Guide: Request throttling for the Amazon EC2 API' },
}

/** EC2 Query API of this version: parameters in a form, answers in XML. */
const VERSION = '2016-11-15'

/** By the error codes of EC2; what is not here is judged by its status. */
const FAULTS: Readonly<Record<string, CloudFault>> = {
  RequestLimitExceeded: 'limited',
  Throttling: 'limited',
  AuthFailure: 'credentials',
  InvalidClientTokenId: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  ExpiredToken: 'credentials',
  RequestExpired: 'credentials',
  IncorrectState: 'busy',
  RouteAlreadyExists: 'busy',
  'Resource.AlreadyAssociated': 'busy',
}
const STALE: ReadonlySet<string> = new Set(['ExpiredToken', 'RequestExpired', 'AuthFailure'])

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, isArray: (name) => name === 'item' })

export class Ec2 {
  readonly #http: CloudHttp
  readonly #options: ResolvedAwsOptions

  constructor(who: string, options: ResolvedAwsOptions) {
    const { region, endpoint, dispatcher, clock } = options
    this.#options = options
    this.#http = new CloudHttp({
      who,
      endpoint: endpoint === 'https://ec2' ? `https://ec2.${region}.amazonaws.com` : endpoint,
      credentials: (ways) => awsCredentials({ ...options, service: 'ec2', who, ways }),
      areStale: (answer) => STALE.has(errorOf(answer).code ?? ''),
      dispatcher,
      clock,
    })
  }

  /** For commands that people type. */
  get cli(): string {
    return `aws ec2 --region ${this.#options.region}`
  }

  /** @param accepted error codes that mean that there is nothing left to do @throws CloudError */
  async call(
    action: string,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
    accepted: readonly string[] = [],
  ): Promise<unknown> {
    const body = new URLSearchParams({ Action: action, Version: VERSION, ...parameters }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    const answer = await this.#http.call({ method: 'POST', path: '/', headers, body }, signal)
    if (answer.status === 200) {
      const read = at(readXml(answer.text), `${action}Response`)
      if (read !== undefined) return read
      throw new CloudError({ who: this.#http.who, fault: 'unavailable', why: `${action}: the answer is none of EC2` })
    }
    const error = errorOf(answer)
    if (error.code !== undefined && accepted.includes(error.code)) return undefined
    const fault = FAULTS[error.code ?? '']
    throw this.#http.failure(answer, { ...error, code: `${action} ${error.code ?? ''}`.trim(), ...(fault ? { fault } : {}) })
  }

  close(): Promise<void> {
    return this.#http.close()
  }
}

/** The token that stands among the tags of something. */
export function tokenAmong(tagged: unknown, key: string): number | undefined {
  const tag = listAt(tagged, 'tagSet', 'item').find((each) => textAt(each, 'key') === key)
  return readFencingToken(textAt(tag, 'value'))
}

/** What an interface or instance is called by the file: an address at AWS has both. */
export function holderOf(item: unknown, targets: readonly string[]): string | undefined {
  const names = [textAt(item, 'networkInterfaceId'), textAt(item, 'instanceId')].filter((name) => name !== undefined)
  return names.find((name) => targets.includes(name)) ?? names[0]
}

/** The parameter that names a target. */
export function targetParameter(target: string): Record<string, string> {
  return target.startsWith('i-') ? { InstanceId: target } : { NetworkInterfaceId: target }
}

function errorOf({ text, status }: CloudAnswer): { readonly code: string | undefined; readonly message: string | undefined } {
  if (status === 200) return { code: undefined, message: undefined }
  const error = at(readXml(text), 'Response', 'Errors', 'Error')
  return { code: textAt(error, 'Code'), message: textAt(error, 'Message') }
}

function readXml(text: string): unknown {
  try {
    return parser.parse(text)
  } catch {
    return undefined
  }
}
