import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import type { CloudCredentials, CloudWays } from '../cloud-http.ts'
import { grantedBearer, readGrantedToken } from '../credentials.ts'
import { fetchText } from '../fetch-text.ts'
import { idPart, secretPart, urlPart } from '../schema-parts.ts'

/** An app registration. */
export interface AzureClient {
  readonly tenant: string
  readonly id: string
  readonly secret: string
}

export interface AzureCredentialsOptions {
  readonly who: string
  /** Undefined: the managed identity of the virtual machine. */
  readonly client: AzureClient | undefined
  readonly metadataEndpoint: string
  readonly loginEndpoint: string
  readonly ways: CloudWays
  readonly clock: Clock
}

const RESOURCE = 'https://management.azure.com/'

/** The keys of options that say who asks. */
export const azureKeyParts: {
  readonly client: z.ZodType<AzureClient | undefined, AzureClient | undefined>
  readonly metadataEndpoint: z.ZodDefault<z.ZodType<string, string>>
  readonly loginEndpoint: z.ZodDefault<z.ZodType<string, string>>
} = {
  client: z
    .strictObject({ tenant: idPart('contoso.onmicrosoft.com'), id: idPart('00000000-0000-0000-0000-000000000000'), secret: secretPart })
    .optional()
    .transform((value): AzureClient | undefined => value),
  metadataEndpoint: urlPart.default('http://169.254.169.254'),
  loginEndpoint: urlPart.default('https://login.microsoftonline.com'),
}

/** Access tokens: of a client by its secret (RFC 6749, 4.4), or of a managed identity from the metadata service. */
export function azureCredentials(options: AzureCredentialsOptions): CloudCredentials {
  const { who, client, metadataEndpoint, loginEndpoint, ways, clock } = options
  const ask = client ? (signal: AbortSignal) => bySecret(client, signal) : fromMetadata
  return grantedBearer(async (signal) => readGrantedToken(who, await ask(signal)), clock, [client?.secret])

  function bySecret({ tenant, id, secret }: AzureClient, signal: AbortSignal) {
    const form = { grant_type: 'client_credentials', client_id: id, client_secret: secret, scope: `${RESOURCE}.default` }
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const request = { method: 'POST' as const, headers, body: new URLSearchParams(form).toString() }
    return fetchText({ url: new URL(`${loginEndpoint}/${tenant}/oauth2/v2.0/token`), request, signal, dispatcher: ways.out })
  }

  function fromMetadata(signal: AbortSignal) {
    const query = new URLSearchParams({ 'api-version': '2018-02-01', resource: RESOURCE })
    const url = new URL(`${metadataEndpoint}/metadata/identity/oauth2/token?${query.toString()}`)
    return fetchText({ url, request: { method: 'GET', headers: { metadata: 'true' } }, signal, dispatcher: ways.beside })
  }
}
