export { describeRegisterContract } from './register-contract.ts'
export type { ContractRunner, RegisterContract, RegisterFixture } from './register-contract.ts'
