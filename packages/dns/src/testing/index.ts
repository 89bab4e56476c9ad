export { describeProvider } from './provider-contract.ts'
export type { ContractRunner, ProviderContract } from './provider-contract.ts'
export type { DnsProviderFixture, DnsStandIn } from './provider-fixture.ts'
