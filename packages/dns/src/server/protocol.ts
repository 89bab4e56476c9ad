/** Numbers of the registries (IANA, Domain Name System Parameters) as messages have them. */
export const TYPE = {
  NS: 2,
  CNAME: 5,
  SOA: 6,
  HINFO: 13,
  DNAME: 39,
  OPT: 41,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
} as const

export const CLASS_IN = 1

export const RCODE = { NOERROR: 0, FORMERR: 1, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, NOTAUTH: 9, BADVERS: 16 } as const

export const HEADER_BYTES = 12
/** Type and class. */
export const QUESTION_END_BYTES = 4
/** An OPT record without options: root, type, size, extended rcode and flags, no data. RFC 6891, 6.1.2. */
export const OPT_BYTES = 11
/** What every resolver takes without EDNS. RFC 1035, 4.2.1. */
export const PLAIN_UDP_BYTES = 512

/** Of the third byte of a header. */
export const QR = 0x80
export const AA = 0x04
export const TC = 0x02
export const RD = 0x01
