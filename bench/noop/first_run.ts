/** The first run of 1,000 tasks that do nothing: the overhead of the engine. */
import { hasNinja, type Measurement, medians, ms, protoflow, time } from "./measure.ts";

const TASKS = 1000;
const ROUNDS = 3;

// deno-lint-ignore require-await -- all parts of the benchmark have the same type
export async function benchmarkFirstRun(folder: string): Promise<Measurement[]> {
  const names = Array.from({ length: TASKS }, (_, i) => `t${i}`);
  Deno.writeTextFileSync(
    `${folder}/trues.ts`,
    `import { defineWorkflow } from "protoflow";
const tasks = Object.fromEntries(${JSON.stringify(names)}.map((name, i) => [
  name, { kind: "command", params: { argv: ["true", String(i)] }, outputs: [] } as never,
]));
export default defineWorkflow({ name: "trues", about: "tasks that do nothing", tasks });
`,
  );
  Deno.writeTextFileSync(
    `${folder}/build.ninja`,
    `rule t\n  command = true $n\n${names.map((name, i) => `build ${name}: t\n  n = ${i}\n`).join("")}`,
  );
  let store = 0;
  const withNinja = hasNinja();
  const [own, ninja] = medians(
    ROUNDS,
    () => time(protoflow("run", "trues.ts", "--store", `${folder}/store${store++}`), folder),
    ...(withNinja ? [() => time(["ninja", "--quiet"], folder)] : []),
  );
  if (!withNinja) {
    return [{ what: `first run of ${TASKS} \`true\``, value: ms(own), bar: "no peer", met: true }];
  }
  const value = `${ms(own)} / ${ms(ninja)} = ${(own / ninja).toFixed(2)} ×`;
  return [{ what: `first run of ${TASKS} \`true\`, to ninja's`, value, bar: "≤ 3 ×", met: own <= 3 * ninja }];
}
