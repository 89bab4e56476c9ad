export { serveVirtualRegister, virtualRegister } from './virtual-register.ts'
export type { RegisterPacket, VirtualRecords } from './virtual-register.ts'
export { describeRegisterContract } from './register-contract.ts'
export type { ContractRunner, RegisterContract, RegisterFixture } from './register-contract.ts'
