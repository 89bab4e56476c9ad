import { expect, test } from 'vitest'
import { HotspareError } from './errors.ts'
import { networkFault } from './network-fault.ts'

const withCode = (code: string) => Object.assign(new Error('x'), { code })
const all = (...codes: string[]) => Object.assign(new AggregateError(codes.map(withCode)), { code: codes[0] })

test.each([
  ['nothing', undefined],
  ['a text', 'ECONNREFUSED'],
  ['an error without a code', new Error('ECONNREFUSED')],
  ['an empty aggregate', new AggregateError([])],
  ['a programming error', withCode('ERR_INVALID_ARG_TYPE')],
  ["a parser's error", withCode('HPE_INVALID_CONSTANT')],
  ["undici's own", withCode('UND_ERR_SOCKET')],
  ['a property that every object has', withCode('constructor')],
  ['one of ours', new HotspareError({ code: 'HOTSPARE_CORE_TIMEOUT', message: 'x' })],
])('%s is no fault of the network', (_, error) => {
  expect(networkFault(error)).toBeUndefined()
})

test.each([
  ['local', ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAI_MEMORY', 'EADDRNOTAVAIL', 'EACCES', 'EPERM']],
  ['dns', ['ENOTFOUND', 'ENODATA', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NONAME']],
  ['refused', ['ECONNREFUSED']],
  ['reset', ['ECONNRESET', 'EPIPE']],
  ['unreachable', ['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN']],
  ['timeout', ['ETIMEDOUT']],
  ['tls', ['EPROTO', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_OSSL_EVP_UNSUPPORTED', 'HOSTNAME_MISMATCH']],
  ['tls', ['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CRL_HAS_EXPIRED', 'INVALID_CA']],
] as const)('%s: %j', (fault, codes) => {
  for (const code of codes) expect([code, networkFault(withCode(code))]).toEqual([code, fault])
})

test.each([
  ['every address refuses', all('ECONNREFUSED', 'ECONNREFUSED'), 'refused'],
  ['only this machine failed', all('EMFILE', 'EMFILE'), 'local'],
  ['this machine has no IPv6, and the IPv4 address refuses', all('EADDRNOTAVAIL', 'ECONNREFUSED'), 'refused'],
  ['no route to the first address, no port for the second', all('ENETUNREACH', 'EADDRNOTAVAIL'), 'unreachable'],
  ['one is local and the other unknown', all('EADDRNOTAVAIL', 'EWHAT'), undefined],
])('of several addresses: %s', (_, error, fault) => {
  expect(networkFault(error)).toBe(fault)
})
