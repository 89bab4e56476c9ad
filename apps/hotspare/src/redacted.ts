import type { Redactor } from './config/redactor.ts'

/** A value as JSON without a secret in it. Only texts are looked at: a mask in a number or in a key would make it unreadable. */
export function redactedJson(value: unknown, redactor: Redactor): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'string' ? redactor.redact(inner) : inner))
}

/** JSON, or metrics in the text format of Prometheus, without a secret and as readable as before. */
export function redactedText(text: string, redactor: Redactor): string {
  // Most texts hold none, and are not to be read and written anew for nothing.
  if (redactor.redact(text) === text) return text
  if (!text.startsWith('{')) return text.replaceAll(/"(?:[^"\\\n]|\\.)*"/g, (label) => redactor.redact(label))
  return redactedJson(JSON.parse(text), redactor) + (text.endsWith('\n') ? '\n' : '')
}
