import { type Clock, LONGEST_DELAY_MS } from '@hotspare/core'
import { z } from 'zod'

/** A length of time that something may take, in milliseconds. */
export const milliseconds: z.ZodInt = z.int().min(1).max(LONGEST_DELAY_MS)

/** Something to count, at least one. */
export const count: z.ZodInt = z.int().min(1)

/** What a channel is called in events and in a configuration. */
export const channelName: z.ZodString = z.string().min(1).max(100)

export const clockPart: z.ZodType<Clock, Clock> = z.custom<Clock>((value) => hasMethod(value, 'monotonicMs'), 'expected a Clock')

/** Whether `value` is something that can be asked `method`. */
export function hasMethod(value: unknown, method: string): boolean {
  return typeof value === 'object' && value !== null && method in value && typeof Reflect.get(value, method) === 'function'
}

/** Whether user and password of a URL can be percent-decoded. */
export function hasReadableCredentials(url: string): boolean {
  try {
    const { username, password } = new URL(url)
    decodeURIComponent(username)
    decodeURIComponent(password)
    return true
  } catch {
    return false
  }
}

export const BAD_CREDENTIALS = 'write a % in user and password as %25'
