export { googleCredentials, googleKeyParts, googleKeySchema } from './google/credentials.ts'
export type { GoogleCredentialsOptions, GoogleKey } from './google/credentials.ts'
