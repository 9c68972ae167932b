/** Errors of running a program: an unusable device, and inputs that do not fit. */

/** A device that is unknown or can't be used here: says why and what to do. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
}

/** Values given to a program that do not fit its inputs. */
export class FeedError extends TypeError {
  override readonly name = "FeedError";
}
