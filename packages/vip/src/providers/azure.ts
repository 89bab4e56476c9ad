export { azureIpConfiguration, azureIpConfigurationOptionsSchema } from './azure/ip-configuration.ts'
export type { AzureIpConfigurationOptions } from './azure/ip-configuration.ts'
export type { AzureClient } from '@hotspare/cloud/azure'
