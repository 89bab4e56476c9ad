import type { VipDriver } from './driver.ts'

/** A driver that does what `driver` does, but for what a test has changed. */
export function driverWith(driver: VipDriver, changes: Partial<VipDriver>): VipDriver {
  return {
    name: driver.name,
    gateLatenessMs: driver.gateLatenessMs,
    open: () => driver.open(),
    links: () => driver.links(),
    entries: (address) => driver.entries(address),
    setAddress: (request) => driver.setAddress(request),
    removeAddress: (request) => driver.removeAddress(request),
    prepareGate: () => driver.prepareGate(),
    openGate: (address, times) => driver.openGate(address, times),
    shutGate: (address, times) => driver.shutGate(address, times),
    removeGate: (address) => driver.removeGate(address),
    openWire: (link, address) => driver.openWire(link, address),
    close: () => driver.close(),
    ...changes,
  }
}
