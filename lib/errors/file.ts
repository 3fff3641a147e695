// Refusals that concern files.
import { problem } from './problem.ts'

export const fileErrors = {
  fileNotFound: problem(
    { status: 404, code: 'file_not_found', title: 'No such file' },
    () => 'There is no such file.',
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
      detail: `A file may have at most ${limit} bytes.`,
      hint: 'Make it smaller, or ask the operator for a larger UPLOAD_LIMIT.',
    }),
  ),
  rangeNotSatisfiable: problem(
    { status: 416, code: 'range_not_satisfiable', title: 'The range is not in the file' },
    (size: number) => ({
      detail: `The file has ${size} bytes, none of them in the range.`,
      headers: { 'content-range': `bytes */${size}` },
    }),
  ),
}
