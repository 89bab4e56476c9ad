import { failed, type Finding, passed } from '../failure.ts'
import { parseStatus } from './message.ts'

/** What came back, when the stream has ended. */
export interface GrpcAnswer {
  readonly httpStatus: number
  readonly contentType: string
  /** `grpc-status` of the trailer, or of the header where there is nothing else. */
  readonly grpcStatus: string | undefined
  readonly grpcMessage: string | undefined
  readonly message: Buffer | undefined
}

/** What was asked. */
export interface GrpcQuestion {
  readonly service: string
  readonly metadata: Readonly<Record<string, string>>
  readonly unimplemented: 'fail' | 'pass'
}

const STATUS_NAMES =
  'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED'.split(
    ' ',
  )

/** The states of grpc.health.v1. */
const [UNKNOWN, SERVING, NOT_SERVING, SERVICE_UNKNOWN] = [0, 1, 2, 3]

/** @returns what is wrong with the header already, so that the rest need not be waited for */
export function judgeHeader({ httpStatus, contentType }: Pick<GrpcAnswer, 'httpStatus' | 'contentType'>): Finding | undefined {
  if (httpStatus !== 200) return failed('status', `HTTP status ${httpStatus}, expected 200`)
  return /^application\/grpc(?:$|[+;])/.test(contentType) ? undefined : failed('protocol', 'HTTP/2, but not gRPC: another content type')
}

export function judgeGrpc(answer: GrpcAnswer, question: GrpcQuestion): Finding {
  const { grpcStatus, message } = answer
  const badHeader = judgeHeader(answer)
  if (badHeader) return badHeader
  if (grpcStatus === undefined || !/^\d{1,3}$/.test(grpcStatus)) return failed('protocol', 'an answer without a grpc-status')
  const code = Number(grpcStatus)
  if (code !== 0) return judgeCode(code, answer, question)
  if (!message) return failed('protocol', 'OK, but without a whole message')
  const status = parseStatus(message)
  if (status === undefined) return failed('protocol', 'OK, but the message cannot be read')
  return judgeStatus(status, question)
}

function judgeStatus(status: number, { service }: GrpcQuestion): Finding {
  const who = nameOf(service)
  switch (status) {
    case SERVING:
      return passed(`SERVING (${who})`)
    case NOT_SERVING:
      return failed('unwell', `NOT_SERVING (${who})`)
    case UNKNOWN:
      return failed('unwell', `UNKNOWN (${who})`)
    case SERVICE_UNKNOWN:
      return failed('unexpected', `SERVICE_UNKNOWN (${who})`)
    default:
      return failed('protocol', `a serving status that does not exist: ${status}`)
  }
}

function judgeCode(code: number, { grpcMessage }: GrpcAnswer, { service, metadata, unimplemented }: GrpcQuestion): Finding {
  const name = STATUS_NAMES[code] ?? `status ${code}`
  // What a server says may repeat a secret that was sent.
  const isShown = grpcMessage && Object.keys(metadata).length === 0
  const said = isShown ? `${name}: ${decoded(grpcMessage)}` : name
  switch (name) {
    case 'NOT_FOUND':
      return failed('unexpected', `the server does not know ${nameOf(service)} (${said})`)
    case 'UNIMPLEMENTED':
      if (unimplemented === 'pass') return passed('UNIMPLEMENTED: it speaks gRPC, and has no health service')
      return failed('status', `the server has no health service (${said})`)
    case 'UNAVAILABLE':
    case 'RESOURCE_EXHAUSTED':
      return failed('unwell', said)
    default:
      return failed('status', `${said}, expected OK`)
  }
}

function nameOf(service: string): string {
  return service === '' ? 'the whole server' : `service ${service}`
}

/** Percent-encoded by the rules of gRPC; what is wrongly encoded is shown as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
