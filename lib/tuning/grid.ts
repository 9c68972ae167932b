/** Grid search: every combination of the values of all parameters. */

import { allValues, type ParameterValues, type SearchSpace } from "./space.ts";

/**
 * The combination at place `index`, from 0; the last parameter turns fastest.
 *
 * @throws RangeError where a parameter has no end of values, or there is no such place
 */
export function gridAssignment(space: SearchSpace, index: number): ParameterValues {
  const parameters = Object.entries(space).map(([name, given]) => {
    const values = allValues(given);
    if (!values) {
      throw new RangeError(
        `a grid needs parameters with an end of values, but ${name} is any number from ${
          JSON.stringify(given)
        }: give it a step, ` +
          "list its values as choices, or use another sampler",
      );
    }
    return { name, values };
  });
  const count = parameters.reduce((product, { values }) => product * values.length, 1);
  if (index >= count) {
    throw new RangeError(
      `the grid has ${count} combinations, so there is none for trial ${index}: run ${count} trials`,
    );
  }
  const assignment: [string, ParameterValues[string]][] = [];
  let left = index;
  for (const { name, values } of parameters.toReversed()) {
    assignment.unshift([name, values[left % values.length]]);
    left = Math.floor(left / values.length);
  }
  return Object.fromEntries(assignment);
}
