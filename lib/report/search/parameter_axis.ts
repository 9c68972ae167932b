/** Axes for parameters, on the scale on which they are searched. */

import type { ParameterDistribution, Value } from "../../tuning/space.ts";
import { type Axis, type Ends, logAxis, numberAxis, rounded } from "../charts/chart_frame.ts";

/** Longer choices are cut: their axis has no room for more. */
const LONGEST = 14;

/** Choices lie side by side in the order of the space, numbers by themselves or by their logarithms. */
export function parameterAxis(given: ParameterDistribution, range: Ends): Axis<Value> {
  if (given.type !== "categorical") {
    const { low, high, log, type } = given;
    return (log ? logAxis([low, high], range, 6) : numberAxis([low, high], range, 6, type === "int")) as Axis<
      Value
    >;
  }
  const [from, to] = range;
  const at = (choice: Value) =>
    rounded(from + (to - from) * (given.choices.indexOf(choice) + 0.5) / given.choices.length);
  return { at, ticks: given.choices.map((choice) => [at(choice), cut(String(choice))]) };
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
