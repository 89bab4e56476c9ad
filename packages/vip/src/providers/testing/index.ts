export { describeProviderContract } from './provider-contract.ts'
export type { ProviderContract, ProviderContractRunner } from './provider-contract.ts'
export type { ProviderFixture, ProviderStandIn, StandInFault } from './provider-fixture.ts'
