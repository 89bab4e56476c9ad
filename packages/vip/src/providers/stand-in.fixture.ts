import type { Operations, StandInServer } from '@hotspare/cloud/testing'
import type { ProviderStandIn } from './testing/provider-fixture.ts'

export interface Holds {
  holder: string | undefined
  token: number | undefined
}

/** The parts of a stand-in that are the same for most. */
export function standInOf(
  server: StandInServer,
  parts: Pick<ProviderStandIn, 'holder' | 'setHolder' | 'setToken' | 'refuseCredentials'> & {
    readonly token: () => number | undefined
    readonly operations?: Operations
    readonly expireCredentials?: () => void
  },
): ProviderStandIn {
  const { token, operations, expireCredentials, ...rest } = parts
  return {
    ...rest,
    get token() {
      return token()
    },
    get hung() {
      return server.hung
    },
    asked: server.asked,
    objections: server.objections,
    fail: (fault, options) => server.fail(fault, options),
    onChange: (listener) => server.onChange(listener),
    ...(operations ? { failOperation: () => operations.failNext() } : {}),
    ...(expireCredentials ? { expireCredentials } : {}),
    close: () => server.close(),
  }
}
