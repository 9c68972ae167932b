/**
 * Measures `runs`, `status` and `diff` in a store with many runs: `deno run -A bench/many_runs.ts [--runs 1000]`
 *
 * Prints one line per verb: the median time of whole processes, the bar, and whether it was met. Two runs are real;
 * the others are their records with other times, keys and figures.
 */
import { type Measurement, medians, ms, protoflow, time } from "./noop/measure.ts";

const ROUNDS = 5;
const BAR_MS = 300;
const at = Deno.args.indexOf("--runs");
const runs = at < 0 ? 1000 : Number(Deno.args[at + 1]);

const folder = Deno.makeTempDirSync({ prefix: "many-runs-" });
try {
  const store = `${folder}/store`;
  writeWorkflow();
  for (const more of [[], ["--set", "train.env.RATE=2"]]) {
    time(protoflow("run", "many.ts", "--store", store, ...more), folder);
  }
  const real = recordsOf(store);
  for (let n = real.length; n < runs; n++) addRun(store, real[n % real.length], n);
  const ids = recordsOf(store).map((name) => name.replace(".jsonl", ""));
  const [before, now] = [ids.at(-2)!, ids.at(-1)!];
  const verbs: Record<string, string[]> = {
    runs: ["runs"],
    "runs many --sort Accuracy": ["runs", "many", "--sort", "Accuracy"],
    status: ["status"],
    diff: ["diff", before, now],
  };
  const times = medians(
    ROUNDS,
    ...Object.values(verbs).map((args) => () => time(protoflow(...args, "--store", store), folder)),
  );
  const measured = Object.keys(verbs).map((what, i): Measurement => {
    return {
      what: `${what}, ${runs} runs`,
      value: ms(times[i]),
      bar: `≤ ${BAR_MS} ms`,
      met: times[i] <= BAR_MS,
    };
  });
  const empty = `${folder}/empty.ts`;
  Deno.writeTextFileSync(empty, "");
  const [start] = medians(ROUNDS, () => time([Deno.execPath(), "run", "-A", empty], folder));
  console.log(`  --  deno run of an empty file: ${ms(start)}; the verbs contain it`);
  for (const { what, value, bar, met } of measured) {
    console.log(`${met ? "  ok" : "MISS"}  ${what}: ${value} (${bar})`);
  }
  Deno.exitCode = measured.every(({ met }) => met) ? 0 : 1;
} finally {
  Deno.removeSync(folder, { recursive: true });
}

/** Three seeds, as many tasks as `birds` has, and twelve figures of each seed. */
function writeWorkflow(): void {
  const figures = Array.from({ length: 12 }, (_, i) => `"${i === 0 ? "Accuracy" : `figure ${i}`}":%s.${i}`);
  const script = `printf '{${figures.join(",")}}' $(yes $(cut -d' ' -f1 in/o) | head -12) > out/figures`;
  Deno.writeTextFileSync(
    `${folder}/many.ts`,
    `import { axis, defineWorkflow } from "protoflow";
const sh = (script: string, inputs: object = {}, env: object = {}, output = "o") =>
  ({ kind: "command", params: { argv: ["sh", "-c", script], env }, inputs, outputs: [output] });
const stages = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [
  \`stage\${i}\`, sh(\`echo \${i} > out/o\`, { x: "train.o" }),
]));
export default defineWorkflow({
  name: "many", about: "many runs", matrix: { seed: [1, 2, 3] },
  tasks: {
    data: sh("echo data > out/o"),
    train: sh("echo $SEED $RATE > out/o", { x: "data.o" }, { SEED: axis("seed"), RATE: "1" }),
    ...stages,
    evaluate: sh(${JSON.stringify(script)}, { o: "train.o" }, {}, "figures"),
  },
} as never);
`,
  );
}

function recordsOf(store: string): string[] {
  return [...Deno.readDirSync(`${store}/runs`)].map(({ name }) => name)
    .filter((name) => name.endsWith(".jsonl")).sort();
}

/** A run as `record`, an hour later with each `n`, with keys of its own and the figures of their results. */
function addRun(store: string, record: string, n: number): void {
  const started = new Date(Date.UTC(2030, 0, 1) + n * 3_600_000).toISOString();
  const stamp = started.replaceAll(/[-:]/g, "").replace("T", "-").replace(".", "-").replace("Z", "");
  const run = `${stamp}-${n.toString(16).padStart(4, "0")}`;
  const text = Deno.readTextFileSync(`${store}/runs/${record}`);
  const digest = JSON.parse(text.trimEnd().split("\n").at(-1)!).keys;
  const table: Record<string, string> = JSON.parse(
    Deno.readTextFileSync(`${store}/runs/keys/${digest}.json`),
  );
  let lines = "";
  // The keys of the last two runs are left as they are, so that there is something to compare.
  for (const [id, key] of n < runs - 2 ? Object.entries(table) : []) {
    table[id] = key.slice(0, -6) + n.toString(16).padStart(6, "0");
    if (!id.startsWith("evaluate")) continue;
    const figures = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [
      i === 0 ? "Accuracy" : `figure ${i}`,
      (n * 7919 + i * 104_729) % 10_007 / 100,
    ]));
    lines += `${JSON.stringify({ task: id, key: table[id], figures, at: Date.parse(started) })}\n`;
  }
  Deno.writeTextFileSync(`${store}/history/figures/many.jsonl`, lines, { append: true });
  const keys = n < runs - 2 ? n.toString(16).padStart(64, "0") : digest;
  Deno.writeTextFileSync(`${store}/runs/keys/${keys}.json`, JSON.stringify(table));
  const fresh = text.replaceAll(record.replace(".jsonl", ""), run)
    .replace(/"started":"[^"]*"/, `"started":"${started}"`).replace(
      `"keys":"${digest}",`,
      `"keys":"${keys}",`,
    );
  Deno.writeTextFileSync(`${store}/runs/${run}.jsonl`, fresh);
}
