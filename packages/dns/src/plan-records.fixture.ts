import fc from 'fast-check'
import { recordSet } from './value.ts'
import type { RecordSet } from './record-set.ts'

const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '198.51.100.1', '198.51.100.2', '203.0.113.1'] as const

/** A set of addresses of `www`. */
export const someAddresses: fc.Arbitrary<RecordSet> = fc
  .tuple(fc.uniqueArray(fc.constantFrom(...addresses), { minLength: 1 }), fc.constantFrom(30, 60))
  .map(([values, ttlSeconds]) => recordSet({ name: 'www.example.com', type: 'A', ttlSeconds, values }))

/** What an owner record may hold: nothing, ours, strange. */
export const someOwner: fc.Arbitrary<RecordSet | undefined> = fc.option(
  fc
    .oneof(
      fc.tuple(fc.constantFrom('web-1', 'web-2'), fc.nat({ max: 5 })).map(([node, token]) => `hotspare node=${node} token=${token}`),
      fc.nat({ max: 5 }).map((token) => `hotspare token=${token}`),
      fc.constant('somebody else'),
    )
    .map((text) => recordSet({ name: '_hotspare.www.example.com', type: 'TXT', ttlSeconds: 30, values: [text] })),
  { nil: undefined },
)
