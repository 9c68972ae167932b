/** Errors of running a program: an unusable device, and inputs of the wrong type. */

/** A device that is unknown or unusable on this machine; the message says why and what to do. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
}

/** Values that are missing, unknown or of the wrong type for a program's inputs. */
export class FeedError extends TypeError {
  override readonly name = "FeedError";
}
