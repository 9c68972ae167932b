/** The errors of the engine that a user can fix; they are printed without a stack. */

/** The base of every error that the engine reports to its user; `code` is stable and goes into `--json` events. */
export class FlowError extends Error {
  constructor(readonly code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
