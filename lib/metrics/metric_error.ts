/** The error for inputs for which a metric is undefined. */

/** Thrown if a metric is undefined for its input; the message states the given and the expected value. */
export class MetricError extends RangeError {
  override readonly name = "MetricError";
}
