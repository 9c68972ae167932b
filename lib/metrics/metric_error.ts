/** Why a metric has no value. */

/** Input that a metric is not defined for; the message says what was given, what was expected and why. */
export class MetricError extends RangeError {
  override readonly name = "MetricError";
}
