export { answersRequest } from './answers-request.ts'
export { decodeMessage } from './decode-message.ts'
export { encodeMessage, encodeQuery } from './encode-message.ts'
export type { GivenQuery } from './encode-message.ts'
export { DnsClientError, DnsParseError, DnsValueError } from './errors.ts'
export type { DnsClientErrorOptions, DnsClientFault } from './errors.ts'
export { wireLimits } from './limits.ts'
export { noFlags } from './message.ts'
export type { Edns, EdnsOption, Flags, Message, Question, TsigRecord, WireRecord } from './message.ts'
export { canonicalName } from './name.ts'
export { parseValue } from './parse-value.ts'
export { presentValue } from './present-value.ts'
export { readData } from './read-data.ts'
export type {
  AddressData,
  CaaData,
  DnskeyData,
  DsData,
  MxData,
  OpaqueData,
  RecordData,
  RrsigData,
  ServiceData,
  ServiceParameter,
  SoaData,
  SrvData,
  TargetData,
  TxtData,
} from './record-data.ts'
export { classNumber, opcodeName, rcodeName, rcodeNumber, typeName, typeNumber } from './registry.ts'
export { TcpMessage, withLength } from './tcp-message.ts'
export { tsigAlgorithms } from './tsig/algorithms.ts'
export type { TsigAlgorithm, TsigKey } from './tsig/algorithms.ts'
export { signMessage } from './tsig/sign.ts'
export type { Signed, SigningOptions } from './tsig/sign.ts'
export { verifyMessage } from './tsig/verify.ts'
export type { TsigVerdict, VerifyingOptions } from './tsig/verify.ts'
export { decodeUpdate, encodeUpdate } from './encode-update.ts'
export type { GivenValue, Prerequisite, UpdateChange, UpdateMessage, UpdateStep } from './update.ts'
export { WireReader } from './wire-reader.ts'
