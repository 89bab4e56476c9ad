export { azureCredentials, azureKeyParts } from './azure/credentials.ts'
export type { AzureClient, AzureCredentialsOptions } from './azure/credentials.ts'
