import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, writeSync } from 'node:fs'
import { endianness } from 'node:os'
import { basename } from 'node:path'
import { errorText, HotspareError } from '@hotspare/core'

/** What holds the timer that resets this machine, opened: it runs. */
export interface WatchdogDevice {
  /** From the last pet to the reset, as far as it is known, in milliseconds. */
  readonly timeoutMs: number | undefined
  /** Whether it is a watchdog of the kernel, and not a file or pipe in its place. */
  readonly isReal: boolean
  /** Puts the reset off. @throws what the kernel says */
  pet(): void
  /** `disarm`: ends it for good, where the kernel allows that; otherwise the reset comes. */
  close(how: { readonly disarm: boolean }): void
}

/** `_IOWR('W', 6, int)` of linux/watchdog.h, on every architecture but MIPS, PowerPC and SPARC. */
const WDIOC_SETTIMEOUT = 0xc0045706
/** The kernel's magic close (Documentation/watchdog/watchdog-api.rst). */
const MAGIC_CLOSE = 'V'
const PET = '.'

/**
 * Opens a watchdog, which starts it, and asks it for a timeout. The kernel counts in whole seconds: it is rounded down.
 *
 * @throws HotspareError `HOTSPARE_FENCE_WATCHDOG` where it cannot be opened: it is not there, somebody has it, no permission
 */
export async function openWatchdog(path: string, timeoutMs: number): Promise<WatchdogDevice> {
  const descriptor = open(path)
  const isReal = fstatSync(descriptor).isCharacterDevice()
  const seconds = Math.max(1, Math.floor(timeoutMs / 1_000))
  const known = isReal ? ((await setTimeoutSeconds(descriptor, seconds)) ?? timeoutOf(path)) : undefined
  return {
    // What stands in for one has the timeout that was asked for.
    timeoutMs: isReal ? known && known * 1_000 : timeoutMs,
    isReal,
    pet: () => void writeSync(descriptor, PET),
    close({ disarm }) {
      try {
        if (disarm) writeSync(descriptor, MAGIC_CLOSE)
      } finally {
        closeSync(descriptor)
      }
    },
  }
}

function open(path: string): number {
  try {
    // A pipe that nobody reads would hold everything up.
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    throw new HotspareError({
      code: 'HOTSPARE_FENCE_WATCHDOG',
      message: `watchdog: ${path} cannot be opened: ${errorText(error)}; load a driver (modprobe softdog), and see that nobody else has it`,
      cause: error,
    })
  }
}

/** @returns the timeout that the device has now, in seconds; undefined where it could not be asked */
async function setTimeoutSeconds(descriptor: number, seconds: number): Promise<number | undefined> {
  if (process.platform !== 'linux' || endianness() !== 'LE') return undefined
  try {
    const { default: koffi } = await import('koffi')
    const ioctl = koffi.load(null).func('int ioctl(int, unsigned long, void *)')
    const value = new Uint8Array(4)
    const view = new DataView(value.buffer)
    view.setInt32(0, seconds, true)
    return Number(ioctl(descriptor, WDIOC_SETTIMEOUT, value)) === 0 ? view.getInt32(0, true) : undefined
  } catch {
    return undefined
  }
}

/** As the kernel shows it, in seconds. */
function timeoutOf(path: string): number | undefined {
  // The old name stands for the first one.
  const name = basename(resolved(path)) === 'watchdog' ? 'watchdog0' : basename(resolved(path))
  try {
    const seconds = Number(readFileSync(`/sys/class/watchdog/${name}/timeout`, 'latin1').trim())
    return Number.isInteger(seconds) && seconds > 0 ? seconds : undefined
  } catch {
    return undefined
  }
}

function resolved(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return path
  }
}
