export { createStaleStore } from './stale/stale-store.ts'
export type { StaleStore, StaleStoreOptions } from './stale/stale-store.ts'
