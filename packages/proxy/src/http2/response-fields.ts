import type { OutgoingHttpHeaders } from 'node:http2'
import { HOP_BY_HOP } from '../headers.ts'
import type { ResponseHead } from '../wire/response-head.ts'

/** Of an answer's head, what goes into HTTP/2: names in small letters, nothing that is meant for a connection of HTTP/1.1. */
export function responseFields({ status, fields }: ResponseHead): OutgoingHttpHeaders {
  const found = new Map<string, string[]>()
  for (let line = 0; line < fields.count; line += 1) {
    const name = fields.name(line).toLowerCase()
    if (HOP_BY_HOP.has(name) || name === 'http2-settings') continue
    const values = found.get(name)
    if (values) values.push(fields.value(line))
    else found.set(name, [fields.value(line)])
  }
  const headers: OutgoingHttpHeaders = Object.create(null)
  headers[':status'] = status
  for (const [name, values] of found) headers[name] = values.length === 1 ? values[0] : values
  return headers
}

/** The same with one line for each name; Node refuses a second one of names that should have no second one. */
export function joinedFields(fields: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const joined: OutgoingHttpHeaders = Object.create(null)
  for (const [name, value] of Object.entries(fields))
    joined[name] = Array.isArray(value) && name !== 'set-cookie' ? value.join(', ') : value
  return joined
}
