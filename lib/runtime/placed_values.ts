/** Values that many runs read, such as weights: placed once where the runtime keeps them, until others replace them. */

import type { HostTensor } from "../tensor/host_tensor.ts";
import type { Loan } from "./lent.ts";
import { openLoan } from "./open_resident.ts";
import type { SessionOptions } from "./session_options.ts";

/** Values by name on a device; released when they are retired and no run reads them. */
export class PlacedValues {
  readonly #placing: Promise<{ loan: Loan; release(): Promise<void> }>;
  #readers = 0;
  #retired = false;

  /** @param values must not be changed while they are placed */
  constructor(readonly values: ReadonlyMap<string, HostTensor>, options: SessionOptions) {
    this.#placing = openLoan(values, options);
    // A failure is reported by the run that reads the values.
    this.#placing.catch(() => {});
  }

  /** Calls `use` with the values; they stay on the device until it has ended. */
  async lend<Result>(use: (loan: Loan) => Promise<Result>): Promise<Result> {
    this.#readers++;
    try {
      return await use((await this.#placing).loan);
    } finally {
      this.#readers--;
      if (this.#retired && this.#readers === 0) await this.#release();
    }
  }

  /** Releases the values as soon as no run reads them. */
  async retire(): Promise<void> {
    this.#retired = true;
    if (this.#readers === 0) await this.#release();
  }

  async #release(): Promise<void> {
    await this.#placing.then(({ release }) => release(), () => {});
  }
}

/** Whether two maps have the same tensors, not only equal ones. */
export function areSameTensors(
  a: ReadonlyMap<string, HostTensor>,
  b: ReadonlyMap<string, HostTensor>,
): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [name, tensor] of a) if (b.get(name)?.data !== tensor.data) return false;
  return true;
}
