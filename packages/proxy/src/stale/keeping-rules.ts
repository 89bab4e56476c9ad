import type { AnswerFacts, PickRequest } from '../types.ts'
import type { Directives } from './cache-control.ts'
import { directivesOf, secondsOf } from './cache-control.ts'

type Headers = PickRequest['headers']

/** The request says who asks: what comes of it may be for one person alone. */
export function hasCredentials(headers: Headers): boolean {
  if (headers.authorization !== undefined || headers.cookie !== undefined || headers['proxy-authorization'] !== undefined) return true
  return Object.keys(headers).some(tellsWho)
}

/**
 * Keys of an API, tokens and names of users are sent in headers of many names (`X-Api-Key`, `Private-Token`,
 * `X-Forwarded-User`, `Cf-Access-Jwt-Assertion`), and the answers seldom say `Vary`. They are known by a word in that name;
 * one that is taken for such a header by mistake costs a kept answer, and nothing else.
 */
function tellsWho(name: string): boolean {
  const words = name.split(/[-_.]/)
  return words.some((word, index) => TELLS_WHO.test(word) && !(word === 'user' && words[index + 1] === 'agent'))
}

const TELLS_WHO =
  /^(?:auth.*|.*keys?|.*tokens?|session.*|.*secret|jwt|oidc|saml|user|users?(?:id|name)|e?mail|identity|cert.*|signature|passw.*|credentials?|account|tenant|customer)$/

/**
 * Why an answer is not kept, beside what RFC 9111 says of shared caches, which the caller has asked already. Stricter than
 * that: nobody knows which origins answer by cookie and do not say so.
 */
export function refusesKeeping(request: Headers, { headers }: AnswerFacts, directives: Directives): boolean {
  // To be used after another look at the origin only, and there is none to look at.
  if (directives.has('no-cache') || (headers['cache-control'] === undefined && /no-cache/i.test(headers['pragma'] ?? ''))) return true
  if (headers['set-cookie'] !== undefined || varyNames(headers) === undefined) return true
  if (directives.has('private') || directives.has('no-store')) return true
  return hasCredentials(request) && !directives.has('public')
}

/** The answer must not be used once it is stale (RFC 9111, 5.2.2.2, 5.2.2.8 and 5.2.2.10). */
export function isBoundToFreshness(directives: Directives): boolean {
  return directives.has('must-revalidate') || directives.has('proxy-revalidate') || directives.has('s-maxage')
}

/** Why a kept answer does not serve this request. */
export function refusesKept(request: Headers): boolean {
  if (request.range !== undefined || request['if-match'] !== undefined || request['if-unmodified-since'] !== undefined) return true
  const wishes = directivesOf(request['cache-control'])
  // Somebody who wants it new would rather see that there is nobody. `max-age=0` is what every reload sends.
  return wishes.has('no-store') || wishes.has('no-cache') || secondsOf(wishes, 'stale-if-error') === 0
}

/** By what the origin chooses among its answers; undefined: by more than headers (RFC 9110, 12.5.5). */
export function varyNames(headers: AnswerFacts['headers']): readonly string[] | undefined {
  const names = (headers['vary'] ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return names.includes('*') ? undefined : [...new Set(names)].toSorted()
}

/** What the request says in these headers. */
export function variantOf(request: Headers, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => [name, Object.hasOwn(request, name) ? request[name] : null]))
}
