import { STATUS_CODES } from 'node:http'
import { BodyWatch, type BodyExpectations } from '../body-watch.ts'
import { degraded, describeFailure, failed, type Finding, type Remarks } from '../failure.ts'
import type { ProbeFailure } from '../probe.ts'
import { inStatusRanges, type StatusRange } from '../status-ranges.ts'
import type { AnswerHead, AnswerSink } from './answer-reader.ts'
import { type HeaderExpectation, headerMismatch } from './header-expectation.ts'
import { type HeaderField, MAX_INTERIM_ANSWERS, valuesOf } from './response-head.ts'

/** What an answer must look like. */
export interface AnswerExpectations extends BodyExpectations {
  readonly expectStatus: readonly StatusRange[]
  /** As it was written, for people. */
  readonly expectStatusText: string
  readonly degradedStatus: readonly StatusRange[]
  readonly expectHeaders: readonly HeaderExpectation[]
}

/** What one exchange comes to: a finding, or a redirect that is to be followed. */
export type AnswerEnd = Finding | Redirect

interface Redirect {
  readonly outcome: 'redirect'
  readonly status: number
  readonly location: string
  /** `302 Found`, to begin a detail with. */
  readonly statusText: string
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** A wait of more than a week is a joke, or an attack on whoever adds it up. */
const MAX_RETRY_AFTER_SECONDS = 604_800

/** Judges an answer as its parts come in, whatever they come through. */
export class AnswerJudge implements AnswerSink {
  readonly #expectations: AnswerExpectations
  readonly #followsRedirects: boolean
  #interim = 0
  #body: BodyWatch | undefined
  #degradedSays: string | undefined
  #ended: AnswerEnd | undefined

  /** @param followsRedirects whether a redirect is an end of its own, or a status like any other */
  constructor(expectations: AnswerExpectations, followsRedirects: boolean) {
    this.#expectations = expectations
    this.#followsRedirects = followsRedirects
  }

  /** Defined as soon as there is nothing more to wait for. */
  get ended(): AnswerEnd | undefined {
    return this.#ended
  }

  /** Whether the header has come. */
  get hasHead(): boolean {
    return this.#body !== undefined
  }

  /** How far the body is, in words; there is a header. */
  get progress(): string {
    return this.#body?.progress ?? ''
  }

  interim(status: number): void {
    if (status === 101) return this.end(failed('protocol', '101 Switching Protocols, which was not asked for'))
    if (++this.#interim > MAX_INTERIM_ANSWERS) this.end(failed('protocol', `more than ${MAX_INTERIM_ANSWERS} interim answers (1xx)`))
  }

  head({ status, headers, announcedBytes }: AnswerHead): void {
    if (this.#ended) return
    const { expectStatus, expectStatusText, degradedStatus, expectHeaders } = this.#expectations
    const { maxBodyBytes, expectBody, expectBodyPattern, expectJson } = this.#expectations
    const statusText = `${status} ${STATUS_CODES[status] ?? ''}`.trim()
    // Field by field: a copy of all that the caller has put into the expectations would be made for each answer.
    this.#body = new BodyWatch({ maxBodyBytes, expectBody, expectBodyPattern, expectJson, statusText, announcedBytes })
    const [location] = this.#followsRedirects && REDIRECTS.has(status) ? valuesOf(headers, 'location') : []
    if (location !== undefined) {
      return this.end({ outcome: 'redirect', status, location, statusText })
    }
    // Envoy's words for a target that wants to be left alone, at once or as far as possible.
    if (valuesOf(headers, 'x-envoy-immediate-health-check-fail').length > 0) {
      return this.end(failed('unwell', `${statusText}, and says that it must not be used`, { immediate: true }))
    }
    if (!inStatusRanges(expectStatus, status)) {
      const retry = retryAfter(status, headers)
      if (inStatusRanges(degradedStatus, status)) return this.end(degraded(`${statusText}${retry.says}`, retry.remarks))
      return this.end(failed('status', `${statusText}, expected ${expectStatusText}${retry.says}`, retry.remarks))
    }
    const mismatch = expectHeaders.length === 0 ? undefined : headerMismatch(headers, expectHeaders)
    if (mismatch !== undefined) return this.end(failed('unexpected', `${statusText}, but ${mismatch}`))
    if (valuesOf(headers, 'x-envoy-degraded').length > 0) this.#degradedSays = 'and says that it is degraded'
  }

  body(bytes: Buffer): void {
    if (this.#ended || !this.#body) return
    this.#body.add(bytes)
    if (this.#body.full) this.complete()
  }

  complete(): void {
    if (this.#ended || !this.#body) return
    const finding = this.#body.judge()
    const says = this.#degradedSays
    this.end(
      says !== undefined && finding.outcome === 'pass'
        ? { ...finding, outcome: 'degraded', detail: `${finding.detail}, ${says}` }
        : finding,
    )
  }

  problem(reason: ProbeFailure, text: string): void {
    this.end(failed(reason, text))
  }

  /** The connection broke by `error`, or was closed. An answer that is whole by then stands, whatever comes after it. */
  broken(error?: unknown): void {
    // Every connection is closed in the end.
    if (this.#ended) return
    if (this.#body) this.end(this.#body.broken(error))
    else this.end(error === undefined ? failed('closed', 'connection closed before an answer') : describeFailure(error))
  }

  /** The first end counts. */
  end(end: AnswerEnd): void {
    this.#ended ??= end
  }
}

/** What 429 and 503 say of the time to come (RFC 9110, section 10.2.3); only the form in seconds, which needs no clock. */
function retryAfter(status: number, headers: readonly HeaderField[]): { readonly says: string; readonly remarks: Remarks } {
  const [value] = status === 429 || status === 503 ? valuesOf(headers, 'retry-after') : []
  if (value === undefined || !/^\d{1,9}$/.test(value)) return { says: '', remarks: {} }
  const seconds = Math.min(Number(value), MAX_RETRY_AFTER_SECONDS)
  return { says: ` (asks for ${seconds} s)`, remarks: { measures: { 'retry-after-seconds': seconds } } }
}
