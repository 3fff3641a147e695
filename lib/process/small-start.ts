// Loading the code makes much that dies at once. V8 would answer with a large space for new objects and keep it: 20 MB of
// an idle server's 145. So that space does not grow before the server listens. To be imported before everything else.
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--semi-space-growth-factor=1')

/** Once the server has work: what new objects need is up to V8 again. */
export function growWithWork(): void {
  setFlagsFromString('--semi-space-growth-factor=2')
}
