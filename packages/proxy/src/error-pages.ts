import { HotspareError } from '@hotspare/core'
import { problemOfAnswer } from './given-answer.ts'
import type { ErrorPages } from './types.ts'

/** @throws HotspareError `HOTSPARE_PROXY_OPTIONS` that names the page */
export function checkErrorPages(pages: ErrorPages): ErrorPages {
  for (const [status, { contentType, body }] of Object.entries(pages)) {
    const problem =
      Number(status) < 400
        ? 'the proxy answers with 400 to 599 itself'
        : problemOfAnswer({ status: Number(status), headers: { 'content-type': contentType }, body })
    if (problem !== undefined)
      throw new HotspareError({ code: 'HOTSPARE_PROXY_OPTIONS', message: `proxy: errorPages.${status}: ${problem}` })
  }
  return Object.freeze({ ...pages })
}
