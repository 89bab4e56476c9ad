import type { ProcessUsage } from './messages.ts'

/** What this process uses. */
export function ownUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage()
  return { residentBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 }
}
