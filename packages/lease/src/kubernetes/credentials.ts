import { type Clock, errorText, withDeadline } from '@hotspare/core'
import { readBoundedFile } from '../bounded-file.ts'
import { refusedError } from '../errors.ts'
import { kubernetesDefaults } from './defaults.ts'
import type { TextOrFile } from './options.ts'

export interface Credentials {
  readonly token: string
  readonly ca: string | undefined
}

/** The token and the certificates as they are now: files are read again when they have been known for a minute. */
export interface CredentialSource {
  /** @throws HotspareError `HOTSPARE_LEASE_REFUSED`, for people to mend */
  current(): Promise<Credentials>
  /** What is known was not accepted: the files are read again with the next `current()`. */
  forget(): void
}

export function credentialSource(options: {
  readonly token: TextOrFile
  readonly ca: TextOrFile | undefined
  readonly clock: Clock
}): CredentialSource {
  const { token, ca, clock } = options
  let known: { readonly credentials: Credentials; readonly atMs: number } | undefined
  return {
    async current() {
      if (known && clock.monotonicMs() - known.atMs < kubernetesDefaults.credentialsMs) return known.credentials
      const credentials = { token: checked(await textOf(token, clock)), ca: ca && (await textOf(ca, clock)) }
      known = { credentials, atMs: clock.monotonicMs() }
      return credentials
    },
    forget() {
      known = undefined
    },
  }
}

async function textOf(source: TextOrFile, clock: Clock): Promise<string> {
  if ('text' in source) return source.text
  const { maxFileBytes, readFileMs } = kubernetesDefaults
  try {
    return await withDeadline(`read ${source.file}`, readFileMs, () => readBoundedFile(source.file, maxFileBytes), { clock })
  } catch (error) {
    throw refusedError('kubernetes', `${source.file} cannot be read: ${errorText(error)}`)
  }
}

/** A token in a file ends in a line break more often than not; what else is none is not sent. */
function checked(text: string): string {
  const token = text.trim()
  if (/^[\x21-\x7e]+$/.test(token) && token.length <= kubernetesDefaults.maxTokenCharacters) return token
  throw refusedError('kubernetes', 'the token is empty, or no token')
}
