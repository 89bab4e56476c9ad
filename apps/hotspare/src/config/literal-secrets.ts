import type { FileView } from './issues.ts'
import type { Finding, Path } from './problem.ts'
import { SHORTEST_SECRET } from './redactor.ts'
import { valueAt } from './schema-guide.ts'

/** Headers and variables that carry credentials, by their usual names; to blank `accept: application/json` in every log would help nobody. */
const TELLING_NAME = /auth|cookie|credential|key|pass|secret|session|token/i

/** What has a name that tells. */
const NAMED: ReadonlySet<string> = new Set(['header value', 'variable value'])

/** Secrets that stand in the file itself, at the places that the schema marks. */
export function literalSecrets(paths: readonly Path[], view: FileView): string[] {
  return paths.flatMap((path) => {
    const value = valueAt(view.value, path)
    if (typeof value !== 'string' || !view.guide.isSecret(path, view.value)) return []
    const title = view.guide.at(path, view.value)?.title ?? ''
    if (NAMED.has(title)) return TELLING_NAME.test(String(path.at(-1))) ? [value, ...credentials(value)] : []
    const url = title.endsWith('URL') ? URL.parse(value) : null
    return url ? secretsOfUrl(value, url) : [value]
  })
}

/**
 * Secrets that are too short to be kept out of logs, wherever they come from: a token, the password of a URL, and the whole
 * value of a header that by its name carries a credential.
 */
export function shortSecrets(paths: readonly Path[], view: FileView): Finding[] {
  return paths.flatMap((path) => {
    const value = valueAt(view.value, path)
    if (typeof value !== 'string' || !view.guide.isSecret(path, view.value)) return []
    const title = view.guide.at(path, view.value)?.title ?? ''
    if (NAMED.has(title) && !TELLING_NAME.test(String(path.at(-1)))) return []
    const secret = title.endsWith('URL') ? percentDecoded(URL.parse(value)?.password ?? '') : value
    if (secret === '' || secret.length >= SHORTEST_SECRET) return []
    const what = title.endsWith('URL') ? 'a password' : `a ${title}`
    return [{ path, message: `${what} of fewer than ${SHORTEST_SECRET} characters`, hint: 'it is too short to be kept out of logs' }]
  })
}

/** What follows the scheme: `Bearer abc`. */
function credentials(header: string): string[] {
  const [, word] = /^[\w-]+ +(\S{8,})$/.exec(header) ?? []
  return word === undefined ? [] : [word]
}

/** The password, which may show up alone, and all of an address that says more than where: chat services put their key there. */
function secretsOfUrl(text: string, url: URL): string[] {
  const password = url.password === '' ? [] : [url.password, percentDecoded(url.password)]
  const tells = url.password !== '' || url.search !== '' || url.pathname.length > 1
  return tells ? [text, ...password] : password
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
