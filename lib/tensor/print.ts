/** A readable listing of a program. */

import type { Program } from "./graph.ts";
import { formatAttributes, formatType } from "./op.ts";

/**
 * Prints one line per step: `%3 = matmul %1 %2 : float32[2,4]  # layer1`. Inputs come first and the outputs'
 * names last.
 */
export function print(program: Program): string {
  const lines: string[] = [];
  for (const [name, number] of program.inputs) {
    lines.push(`%${number} = input ${JSON.stringify(name)} : ${formatType(program.values[number])}`);
  }
  for (const { op, inputs, outputs, attributes, label } of program.steps) {
    const left = outputs.map((number) => `%${number}`).join(", ");
    const right = [op.name, ...inputs.map((number) => `%${number}`)].join(" ");
    const types = outputs.map((number) => formatType(program.values[number])).join(", ");
    const options = formatAttributes(attributes);
    lines.push(
      `${left} = ${right}${options === "" ? "" : ` {${options}}`} : ${types}${
        label === "" ? "" : `  # ${label}`
      }`,
    );
  }
  for (const [name, number] of program.outputs) lines.push(`output ${JSON.stringify(name)} = %${number}`);
  return lines.join("\n") + "\n";
}
