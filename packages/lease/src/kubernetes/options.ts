import { isAbsolute } from 'node:path'
import type { Clock } from '@hotspare/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { kubernetesDefaults } from './defaults.ts'
import { prefixProblem } from './object-name.ts'
import { clockPart, dispatcherPart, originPart, refuseUnreadable, visiblePart } from '../schema-parts.ts'

/** Where the kubelet puts the credentials of a pod's service account. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

export interface KubernetesRegisterOptions {
  /** Of the Lease objects; it has to exist. */
  readonly namespace: string
  /** The API server. Default: `https://kubernetes.default.svc`, which every pod knows */
  readonly server?: string | undefined
  /** A bearer token. Default: what is in `tokenFile` */
  readonly token?: string | undefined
  /** An absolute path; it is read again each minute, since tokens are replaced. Default: the pod's service account */
  readonly tokenFile?: string | undefined
  /** PEM: who signed the server's certificate. Default: what is in `caFile` */
  readonly ca?: string | undefined
  /** An absolute path, read as `tokenFile` is. Default: the pod's service account, where `server` is left out too; else Node's list */
  readonly caFile?: string | undefined
  /** What the names of the objects begin with. Default: `hotspare-` */
  readonly prefix?: string | undefined
  /** The way out, for a proxy or connections of your own; it stays the caller's to close. Default: HTTP/1.1 connections that are kept */
  readonly dispatcher?: Dispatcher | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
}

/** A text that is there, or the file that has it. */
export type TextOrFile = { readonly text: string } | { readonly file: string }

export interface ResolvedKubernetesRegisterOptions {
  readonly namespace: string
  /** An origin. */
  readonly server: string
  readonly token: TextOrFile
  readonly ca: TextOrFile | undefined
  readonly prefix: string
  readonly dispatcher: Dispatcher | undefined
  readonly clock: Clock
}

const file = z.string().max(4_096).refine(isAbsolute, 'expected an absolute path')

export const kubernetesRegisterOptionsSchema: z.ZodType<ResolvedKubernetesRegisterOptions, KubernetesRegisterOptions> = z
  .strictObject({
    // A namespace is a label of DNS (RFC 1123).
    namespace: z
      .string()
      .regex(
        /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/,
        'expected lower-case letters, digits and "-", beginning and ending with one of the first two',
      )
      .max(63),
    server: originPart('https://10.0.0.1:6443').optional(),
    token: visiblePart(kubernetesDefaults.maxTokenCharacters).optional(),
    tokenFile: file.optional(),
    ca: z.string().min(1).optional(),
    caFile: file.optional(),
    prefix: z
      .string()
      .default('hotspare-')
      .superRefine((prefix, context) => {
        const message = prefixProblem(prefix)
        if (message !== undefined) context.addIssue({ code: 'custom', message })
      }),
    dispatcher: dispatcherPart,
    clock: clockPart,
  })
  .superRefine(({ server, token, tokenFile, ca, caFile, dispatcher }, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (token !== undefined && tokenFile !== undefined) problem('tokenFile', 'write token or tokenFile')
    if (ca !== undefined && caFile !== undefined) problem('caFile', 'write ca or caFile')
    if (dispatcher && (ca ?? caFile) !== undefined) problem('ca', 'a dispatcher makes its own connections: give it the certificates')
    if (server?.startsWith('http:') && (ca ?? caFile) !== undefined) problem('ca', 'the server must begin with https:// then')
    if (ca !== undefined) refuseUnreadable({ ca }, context)
  })
  .transform(({ server, token, tokenFile, ca, caFile, namespace, prefix, dispatcher, clock }): ResolvedKubernetesRegisterOptions => {
    const inPod = server === undefined && !dispatcher ? `${SERVICE_ACCOUNT}/ca.crt` : undefined
    const trusted = caFile ?? inPod
    return {
      namespace,
      server: server ?? 'https://kubernetes.default.svc',
      token: token === undefined ? { file: tokenFile ?? `${SERVICE_ACCOUNT}/token` } : { text: token },
      ca: ca === undefined ? (trusted === undefined ? undefined : { file: trusted }) : { text: ca },
      prefix,
      dispatcher,
      clock,
    }
  })
