/** Stops a chain at the first step with a lower value than all rivals had there. */

import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

interface Line {
  readonly step: number;
  readonly value: number;
}

const linesOf = (path: string): Line[] =>
  Deno.readTextFileSync(path).split("\n").filter((line) => line.includes("step")).map((line) =>
    JSON.parse(line)
  );

export default defineTask({
  name: "below_rivals",
  about: "stop below all rivals",
  params: z.strictObject({ from: z.int().default(1), answer: z.string().optional() }),
  inputs: {
    log: { about: "a log" },
    rivals: { about: "logs of others", many: true, optional: true },
  },
  outputs: ["verdict", "log"],
  run({ params: { from, answer }, input, inputs, output }) {
    const [own, rivals] = [linesOf(input("log")), inputs("rivals").map(linesOf)];
    const at = own.findIndex(({ step, value }) =>
      step >= from && rivals.length > 0 &&
      rivals.every((rival) => rival.some((line) => line.step === step && line.value > value))
    );
    const kept = at < 0 ? own : own.slice(0, at + 1);
    Deno.writeTextFileSync(output("verdict"), answer ?? JSON.stringify({ stop: at >= 0 }));
    Deno.writeTextFileSync(output("log"), kept.map((line) => `${JSON.stringify(line)}\n`).join(""));
  },
});
