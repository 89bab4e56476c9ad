import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import type { CloudCredentials, CloudWays } from '../cloud-http.ts'
import { Granted } from '../credentials.ts'
import { CloudError } from '../errors.ts'
import { fetchText } from '../fetch-text.ts'
import { parseJson } from '../json-text.ts'
import { textAt } from '../reading.ts'
import { secretPart, urlPart } from '../schema-parts.ts'
import { type AwsKeys, awsSignedHeaders } from './sign.ts'

export interface AwsCredentialsOptions {
  readonly who: string
  /** What is signed for: `ec2`, `route53`. */
  readonly service: string
  readonly region: string
  /** Undefined: those of the instance's role, from its metadata service. */
  readonly keys: AwsKeys | undefined
  readonly metadataEndpoint: string
  readonly ways: CloudWays
  readonly clock: Clock
}

/** The keys of options that say who asks. */
export const awsKeyParts: {
  readonly keys: z.ZodType<AwsKeys | undefined, AwsKeys | undefined>
  readonly metadataEndpoint: z.ZodDefault<z.ZodType<string, string>>
} = {
  keys: z
    .strictObject({ accessKeyId: secretPart, secretAccessKey: secretPart, sessionToken: secretPart.optional() })
    .optional()
    .transform((value): AwsKeys | undefined => value),
  metadataEndpoint: urlPart.default('http://169.254.169.254'),
}

/** Of the session with the metadata service; the longest that it grants. (EC2 User Guide: Use IMDSv2.) */
const SESSION_SECONDS = 21_600

/** Signs requests (Signature Version 4) with given keys, or with those that the metadata service grants. */
export function awsCredentials(options: AwsCredentialsOptions): CloudCredentials {
  const { region, service, keys, clock, who } = options
  const granted = new Granted((signal) => instanceKeys(options, signal), clock)
  const forget = (headers: Readonly<Record<string, string>>) => {
    granted.forget(({ sessionToken }) => sessionToken === headers['x-amz-security-token'])
    return true
  }
  return {
    async headers(request, signal) {
      const shown = keys ?? (await granted.get(signal))
      return awsSignedHeaders(request, { keys: shown, region, service, at: new Date(clock.wallMs()) })
    },
    ...(keys ? {} : { forget }),
    secrets: () => [keys?.secretAccessKey, keys?.sessionToken, granted.known?.secretAccessKey, granted.known?.sessionToken],
  }

  async function instanceKeys({ metadataEndpoint, ways }: AwsCredentialsOptions, signal: AbortSignal) {
    const ask = async (path: string, method: 'GET' | 'PUT', headers: Record<string, string>) => {
      const url = new URL(`${metadataEndpoint}/latest/${path}`)
      const answer = await fetchText({ url, request: { method, headers }, signal, dispatcher: ways.beside }).catch((cause: unknown) => {
        if (signal.aborted) throw cause
        throw new CloudError({ who, fault: 'unavailable', why: 'the metadata service of the instance does not answer', cause })
      })
      if (answer.status === 200) return answer.text
      // No role is attached, or IMDS is switched off.
      const fault = answer.status >= 500 ? 'unavailable' : 'credentials'
      throw new CloudError({ who, fault, why: `the metadata service of the instance gives no credentials: ${answer.status}` })
    }
    const session = await ask('api/token', 'PUT', { 'x-aws-ec2-metadata-token-ttl-seconds': String(SESSION_SECONDS) })
    const shown = { 'x-aws-ec2-metadata-token': session }
    const role = (await ask('meta-data/iam/security-credentials/', 'GET', shown)).split('\n')[0]?.trim() ?? ''
    const answer = parseJson(await ask(`meta-data/iam/security-credentials/${encodeURIComponent(role)}`, 'GET', shown))
    const [accessKeyId, secretAccessKey] = [textAt(answer, 'AccessKeyId'), textAt(answer, 'SecretAccessKey')]
    const endsMs = Date.parse(textAt(answer, 'Expiration') ?? '')
    if (accessKeyId === undefined || secretAccessKey === undefined || Number.isNaN(endsMs)) {
      throw new CloudError({ who, fault: 'unavailable', why: 'the metadata service of the instance gave something else than credentials' })
    }
    return { value: { accessKeyId, secretAccessKey, sessionToken: textAt(answer, 'Token') }, lastsMs: Math.max(0, endsMs - clock.wallMs()) }
  }
}
