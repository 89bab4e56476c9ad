/** What the fence-agents contract knows to do. */
export type AgentAction = 'off' | 'on' | 'reboot' | 'status' | 'monitor' | 'list' | 'metadata'

/**
 * What an agent reads: one `key=value` on each line, the action first, and an end of file.
 * (ClusterLabs, FenceAgentAPI.md, "How fence agents get their options".)
 *
 * @param options names and values without line breaks
 */
export function agentInput(action: AgentAction, options: Readonly<Record<string, string>>): string {
  return [`action=${action}`, ...Object.entries(options).map(([name, value]) => `${name}=${value}`)].map((line) => `${line}\n`).join('')
}

/** A name as agents have them; `action` is ours to give. */
export const OPTION_NAME: RegExp = /^(?!action$)[A-Za-z][A-Za-z0-9_-]{0,63}$/

/** Goes on one line, and neither its start nor its end is lost: agents strip blanks. */
export const OPTION_VALUE: RegExp = /^(?:[^\s\0](?:[^\r\n\0]{0,4094}[^\s\0])?)?$/

/** Names of options that hold a secret, wherever somebody has written them. A community is all that SNMP 2c asks for. */
const SECRET_NAME = /pass|secret|token|key(?!_?(file|path))|credential|community/i

/** @returns the values that nobody must see */
export function secretsOf(options: Readonly<Record<string, string>>, secrets: Readonly<Record<string, string>>): readonly string[] {
  const named = Object.entries(options).flatMap(([name, value]) => (SECRET_NAME.test(name) ? [value] : []))
  return [...named, ...Object.values(secrets)]
}

/** What people type: the agent with the same lines, secrets as variables that they set before. */
export function manualCommand(
  agent: string,
  action: 'off' | 'status',
  options: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>>,
): string {
  const isSecret = (name: string) => Object.hasOwn(secrets, name) || SECRET_NAME.test(name)
  const words = Object.keys({ ...options, ...secrets }).map((name) =>
    isSecret(name) ? `"${name}=$${variableOf(name)}"` : quoted(`${name}=${options[name] ?? ''}`),
  )
  return `printf '%s\\n' ${[`action=${action}`, ...words].join(' ')} | ${quoted(agent)}`
}

function variableOf(name: string): string {
  return `FENCE_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
