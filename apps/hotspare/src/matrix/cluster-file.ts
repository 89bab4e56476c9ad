import type { ClusterConfig, Config } from '../config/config.ts'

/** What of a file counts here. */
export type ClusterFile = Pick<Config, 'services'> & Partial<Pick<Config, 'fencing'>> & { readonly cluster: ClusterConfig }
