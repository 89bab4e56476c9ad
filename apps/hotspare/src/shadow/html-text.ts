import { formatDuration } from '@hotspare/core'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Makes a text safe between tags and in attributes. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/gu, (character) => ENTITIES[character] ?? '')
}

/** `2026-11-22 06:14:03.250`, in UTC. */
export function timeText(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '')
}

/** As precise as people need: `3.61s`, `12m4s`, `250ms`. */
export function lengthText(ms: number): string {
  if (ms < 1_000) return formatDuration(ms)
  if (ms < 60_000) return `${Math.round(ms / 10) / 100}s`
  return formatDuration(Math.round(ms / 1_000) * 1_000)
}
