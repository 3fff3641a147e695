// Refusals of uploads and downloads of files.
import { problem } from './problem.ts'
import { quantity } from './quantity.ts'

export const fileErrors = {
  fileNotFound: problem(
    { status: 404, code: 'file_not_found', title: 'No such file' },
    () => 'There is no such file.',
  ),
  uploadForbidden: problem(
    { status: 403, code: 'upload_forbidden', title: 'The role may not upload files' },
    (role: string) => ({
      detail: `The role ${role} may not upload files.`,
      hint: `An admin allows it by PUT /auth/roles/${role} {"upload_files": true}.`,
    }),
  ),
  oneFileExpected: problem(
    { status: 400, code: 'one_file_expected', title: 'One file is expected' },
    (found: string) => ({
      detail: `${found}; send exactly one file, as the part "file" of a multipart/form-data body.`,
      hint: "curl -F 'file=@report.pdf'",
    }),
  ),
  fileTooLarge: problem(
    { status: 413, code: 'file_too_large', title: 'The file is too large' },
    (limit: number) => ({
      detail: `A file may have at most ${quantity(limit, 'byte')}.`,
      hint: 'Make it smaller, or ask the operator for a larger UPLOAD_LIMIT.',
    }),
  ),
  signatureInvalid: problem(
    { status: 403, code: 'signature_invalid', title: 'The signature is not valid' },
    () => 'The signature of this address was altered, or made for another file or by another server.',
  ),
  signatureExpired: problem(
    { status: 403, code: 'signature_expired', title: 'The signed address has expired' },
    () => 'This address was signed for a time that is over; have it signed again.',
  ),
  signatureRevoked: problem(
    { status: 403, code: 'signature_revoked', title: 'The signed address no longer works' },
    () => 'The caller who signed this address may no longer read the file.',
  ),
  rangeNotSatisfiable: problem(
    { status: 416, code: 'range_not_satisfiable', title: 'The range is not in the file' },
    (size: number) => ({
      detail: `The file has ${quantity(size, 'byte')}, and the range none of them.`,
      headers: { 'content-range': `bytes */${size}` },
    }),
  ),
}
