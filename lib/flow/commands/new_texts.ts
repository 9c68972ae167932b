/** The texts that `new` writes. */

/** A workflow of two tasks, with an axis and a profile. */
export function workflowText(name: string): string {
  return `/** Counts the words of a text, for each length of a line. */
import { axis, defineWorkflow, each } from "protoflow";

export default defineWorkflow({
  name: "${name}",
  about: "count the words of a text, for each length of a line",
  matrix: { width: [20, 40] },
  tasks: {
    text: {
      kind: "command",
      params: { argv: ["sh", "-c", "echo the quick brown fox jumps over the lazy dog > out/text"] },
      outputs: ["text"],
    },
    lines: {
      kind: "command",
      params: { argv: ["sh", "-c", "fold -s -w $WIDTH in/text | wc -l > out/count"], env: { WIDTH: axis("width") } },
      inputs: { text: "text.text" },
      outputs: ["count"],
    },
    table: {
      kind: "command",
      params: { argv: ["sh", "-c", "grep -H . in/counts/* > out/table"] },
      inputs: { counts: each("lines.count", "width") },
      outputs: ["table"],
    },
  },
  profiles: { smoke: { matrix: { width: [20] } } },
  result: "table.table",
});
`;
}

/** A kind that counts the lines of a text. */
export function kindText(name: string): string {
  return `/** Counts the lines of a text that are not shorter than a minimum. */
import { z } from "zod";
import { defineTask } from "protoflow/kind";

export default defineTask({
  name: "${name}",
  about: "count the lines of a text",
  params: z.strictObject({ minimum: z.int().nonnegative().default(1) }),
  inputs: { text: { about: "a text file" } },
  outputs: ["figures"],
  async run({ params, input, output, progress }) {
    const lines = (await Deno.readTextFile(input("text"))).split("\\n");
    let counted = 0;
    for (const [done, line] of lines.entries()) {
      if (line.length >= params.minimum) counted++;
      progress({ done: done + 1, total: lines.length, unit: "lines" });
    }
    // A file of this name is shown by deno task runs.
    await Deno.writeTextFile(output("figures"), JSON.stringify({ lines: counted }));
  },
});
`;
}
