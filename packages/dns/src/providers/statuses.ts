import { type CloudAnswer, type CloudComplaint, CloudError, type CloudHttp } from '@hotspare/cloud'

/** Whether an answer says that it was done. RFC 9110, 15.3. */
export function isDone({ status }: Pick<CloudAnswer, 'status'>): boolean {
  return status >= 200 && status < 300
}

/** What a failed answer says, in the words of one API. */
export type ReadComplaint = (answer: CloudAnswer) => CloudComplaint

/** The answer to a question. @throws CloudError */
export function answered(http: CloudHttp, answer: CloudAnswer, complaintOf: ReadComplaint): unknown {
  if (!isDone(answer)) throw http.failure(answer, complaintOf(answer))
  return http.json(answer)
}

/**
 * That a change was answered as the API answers one: whoever stands in between may say 200 as well.
 *
 * @throws CloudError
 */
export function checkChanged(
  http: CloudHttp,
  answer: CloudAnswer,
  complaintOf: ReadComplaint,
  isAsItAnswers: (answer: CloudAnswer) => boolean,
): void {
  if (!isDone(answer)) throw http.failure(answer, complaintOf(answer))
  if (!isAsItAnswers(answer)) throw http.unusable(`${answer.status}, and not what the API answers to a change`)
}

/** That an API answered well, and that what it has cannot be served or changed: asking again does not help. */
export function refused({ who }: CloudHttp, why: string): CloudError {
  return new CloudError({ who, fault: 'refused', why })
}
