import { watchdogDefaults, type WatchdogTimes } from '@hotspare/fence/watchdog'
import type { WatchdogConfig } from '../../config/config-fencing.ts'

/** Pets in one timeout: some may come late. */
const PETS = 5

/** The times of a watchdog of the file. */
export function watchdogTimes({ timeoutMs }: Pick<WatchdogConfig, 'timeoutMs'>): WatchdogTimes {
  return { timeoutMs, petMs: Math.min(watchdogDefaults.petMs, timeoutMs / PETS), marginMs: watchdogDefaults.marginMs }
}
