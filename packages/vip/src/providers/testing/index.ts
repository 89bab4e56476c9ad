export { describeProviderContract } from './provider-contract.ts'
export type { ProviderContract, ProviderContractRunner } from './provider-contract.ts'
export type { ProviderFixture, ProviderStandIn } from './provider-fixture.ts'
