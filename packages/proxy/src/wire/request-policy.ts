import type { RequestHead } from './request-head.ts'

/** Why a sound request is not for any target. */
export function policyOn({ method, target, path }: RequestHead): { readonly status: 400 | 405; readonly because: string } | undefined {
  // A tunnel to anywhere; and an echo of what we say of the client to the target. As nginx.
  if (method === 'CONNECT' || method === 'TRACE') return { status: 405, because: `${method} is not for a reverse proxy` }
  return target.form === 'asterisk' || path === '*' ? { status: 400, because: 'the target is no path' } : undefined
}

/** Why a body goes no further (RFC 9110, 15.5.14). */
export function tooLarge(maxBodyBytes: number): string {
  return `the body is larger than ${maxBodyBytes} bytes`
}
