export { describeProviderContract } from './provider-contract.ts'
export type { ProviderContract, ProviderContractRunner, ProviderFixture, ProviderStandIn, StandInFault } from './provider-contract.ts'
