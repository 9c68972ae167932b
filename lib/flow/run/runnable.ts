/** A task with everything needed to run it. */

import type { AnyKind } from "../kind.ts";
import type { ResolvedTask } from "../key/resolve.ts";

export interface RunnableTask extends ResolvedTask {
  readonly loaded: AnyKind;
}
