export { awsCredentials, awsKeyParts } from './aws/credentials.ts'
export type { AwsCredentialsOptions } from './aws/credentials.ts'
export { awsSignedHeaders } from './aws/sign.ts'
export type { AwsKeys, SignedRequest, SigningScope } from './aws/sign.ts'
