import { describe, expect, it } from 'vitest'
import { explain } from './setup-error.mjs'

describe('explain', () => {
  it.each([
    ['npm error FetchError: request failed, reason: connect ECONNREFUSED 127.0.0.1:1', 'the package registry cannot be reached'],
    ['npm error request to the registry failed, reason: getaddrinfo EAI_AGAIN', 'the package registry cannot be reached'],
    ['error sending request: client error (Connect): tcp connect error: Connection refused', 'the package registry cannot be reached'],
    ['npm error code SELF_SIGNED_CERT_IN_CHAIN', 'the certificate of the package registry is not trusted'],
    ['npm error nospc ENOSPC: no space left on device, write', 'the disk is full'],
    ['npm error code EACCES', 'a file cannot be written'],
    ['ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile"', 'pnpm-lock.yaml does not fit a package.json'],
    ['npm error code ETARGET', 'the package registry does not have it'],
  ])('reads %j', (output, cause) => {
    expect(explain(`npm warn something else\n${output}\n    at a stack frame`)).toMatchObject({ cause, evidence: output })
  })

  it('leaves what it does not know to the reader', () => {
    expect(explain('npm error code EWHAT')).toBeUndefined()
  })
})
