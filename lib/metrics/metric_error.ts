/** Why a metric has no value. */

/** Input for which a metric is undefined; the message says what was given, what was expected and why. */
export class MetricError extends RangeError {
  override readonly name = "MetricError";
}
