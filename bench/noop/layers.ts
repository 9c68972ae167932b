/** Runs a DAG of 100 layers by protoflow and by ninja: without changes, and with one edited source. */
import { hasNinja, type Measurement, medians, ms, protoflow, time } from "./measure.ts";

const LAYERS = 100;
const ROUNDS = 11;

/**
 * Task `i` of layer `l` has as inputs the outputs of tasks `i` and `i + 1` of the previous layer. In the
 * first layer, both inputs are sources. In further layers, evenly spaced to give the requested number of
 * sources, the second input is a source.
 */
export async function benchmarkNoop(folder: string, tasks: number, sources: number): Promise<Measurement[]> {
  const width = tasks / LAYERS;
  const every = tasks / sources;
  Deno.mkdirSync(`${folder}/src`);
  for (let l = 0; l < LAYERS; l += every) {
    for (let i = 0; i < width; i++) Deno.writeTextFileSync(`${folder}/src/${l}_${i}`, `source ${l} ${i}\n`);
  }
  Deno.writeTextFileSync(`${folder}/layers.ts`, workflow(width, every));
  Deno.writeTextFileSync(`${folder}/build.ninja`, ninjaFile(width, every));

  const verb = (name: string) => time(protoflow(name, "layers.ts", "--store", `${folder}/store`), folder);
  const files = `${tasks} tasks, ${sources} sources, ${tasks} outputs`;
  console.log(`      first run of ${files}: ${ms(verb("run"))}`);
  const withNinja = hasNinja();
  if (withNinja) console.log(`      the same by ninja: ${ms(time(["ninja", "--quiet"], folder))}`);

  const [run, ninja] = medians(
    ROUNDS,
    () => verb("run"),
    ...(withNinja ? [() => time(["ninja"], folder)] : []),
  );
  const edited = `${folder}/src/0_0`;
  const original = Deno.readTextFileSync(edited);
  let edit = 0;
  const [plan, editedPlan] = medians(
    ROUNDS,
    () => {
      Deno.writeTextFileSync(edited, original);
      verb("run");
      return verb("plan");
    },
    () => {
      Deno.writeTextFileSync(edited, `edit ${edit++}\n`);
      return verb("plan");
    },
  );
  const dependents = await editedRun(folder);
  const expected = dependentsOfFirst(width, every);
  const measurements: Measurement[] = [
    { what: `no-op of ${files}, run`, value: ms(run), bar: "≤ 250 ms", met: run <= 250 },
    {
      what: "plan with one edited source, to the no-op's",
      value: ratio(editedPlan, plan),
      bar: "≤ 1.2 ×",
      met: editedPlan <= 1.2 * plan,
    },
    {
      what: "tasks that ran after one edited source",
      value: `${dependents}`,
      bar: `its ${expected} dependents`,
      met: dependents === expected,
    },
  ];
  if (withNinja) {
    measurements.splice(1, 0, {
      what: "no-op, to ninja's",
      value: ratio(run, ninja),
      bar: "≤ 5 ×",
      met: run <= 5 * ninja,
    });
  }
  return measurements;
}

const ratio = (a: number, b: number) => `${ms(a)} / ${ms(b)} = ${(a / b).toFixed(2)} ×`;

/** The number of tasks that run after the latest edit. */
async function editedRun(folder: string): Promise<number> {
  const [program, ...args] = protoflow("run", "layers.ts", "--json", "--store", `${folder}/store`);
  const { stdout } = await new Deno.Command(program, { args, cwd: folder, stdout: "piped" }).output();
  const last = new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1)!;
  return JSON.parse(last).ran;
}

/**
 * The number of tasks that depend on the first source: tasks 0 and `width - 1` of the first layer, and their
 * dependents.
 */
function dependentsOfFirst(width: number, every: number): number {
  let reached = new Set([0, width - 1]);
  let count = reached.size;
  for (let l = 1; l < LAYERS; l++) {
    const takesNext = l % every !== 0;
    const before = reached;
    reached = new Set(
      Array.from({ length: width }, (_, i) => i).filter((i) =>
        before.has(i) || (takesNext && before.has((i + 1) % width))
      ),
    );
    count += reached.size;
  }
  return count;
}

function workflow(width: number, every: number): string {
  return `import { defineWorkflow, file } from "protoflow";
const params = { argv: ["sh", "-c", "cksum < in/a > out/o; cksum < in/b >> out/o"] };
const tasks: Record<string, never> = {};
for (let l = 0; l < ${LAYERS}; l++) {
  for (let i = 0; i < ${width}; i++) {
    const next = (i + 1) % ${width};
    const a = l === 0 ? file(\`src/0_\${i}\`) : \`t\${l - 1}_\${i}.o\`;
    const b = l === 0 ? file(\`src/0_\${next}\`) : l % ${every} === 0 ? file(\`src/\${l}_\${i}\`) : \`t\${l - 1}_\${next}.o\`;
    tasks[\`t\${l}_\${i}\`] = { kind: "command", params, inputs: { a, b }, outputs: ["o"] } as never;
  }
}
export default defineWorkflow({ name: "layers", about: "a DAG of layers", tasks });
`;
}

function ninjaFile(width: number, every: number): string {
  let text = "rule c\n  command = cksum < $a > $out; cksum < $b >> $out\n";
  for (let l = 0; l < LAYERS; l++) {
    for (let i = 0; i < width; i++) {
      const next = (i + 1) % width;
      const a = l === 0 ? `src/0_${i}` : `out/t${l - 1}_${i}`;
      const b = l === 0 ? `src/0_${next}` : l % every === 0 ? `src/${l}_${i}` : `out/t${l - 1}_${next}`;
      text += `build out/t${l}_${i}: c ${a} ${b}\n  a = ${a}\n  b = ${b}\n`;
    }
  }
  return text;
}
