export { providerResource } from './provider-resource.ts'
export type { ProviderResource, ProviderResourceOptions } from './provider-resource.ts'
export type {
  AddressProvider,
  AssignCall,
  Holding,
  InstructionCall,
  Operation,
  Place,
  ProviderShape,
  ProviderTerms,
  UnassignCall,
} from './provider.ts'
export type { ProviderOptions } from './options.ts'
