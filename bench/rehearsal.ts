/**
 * A rehearsal of the paper's number of images: all stages on drawn birds of 32 × 32 pixels, 200 classes, a tiny network.
 *
 *     deno run -A bench/rehearsal.ts [--images 11788] [--jobs 2]
 *
 * Prints one line per bar: the measurement, the bar, and whether it was met. Costs are CPU time of the engine's own
 * process over the items of all stages that work image by image, so that other load hardly counts. Reads /proc, so it
 * needs Linux.
 */

import { type Measurement, medians, ms, protoflow, time } from "./noop/measure.ts";

const option = (name: string, otherwise: number) => {
  const at = Deno.args.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(Deno.args[at + 1]);
};
const images = option("images", 11_788);
const jobs = option("jobs", 2);

const WORKFLOW = new URL("./rehearsal_workflow.ts", import.meta.url).pathname;
const BY_IMAGE = ["masks", "mask-statistics", "train-views", "test-views", "prp", "prototype-prp"];
/** Clock ticks a second of /proc/PID/stat. */
const TICKS = 100;
const MB = 2 ** 20;

const classes = Math.min(200, Math.max(2, Math.floor(images / 10)));
const perClass = Math.ceil(images / classes);
const test = Math.floor(perClass / 2);
const sizes = { classes, trainPerClass: perClass - test, testPerClass: test };

const folder = Deno.makeTempDirSync({ prefix: "rehearsal-" });
const chosen = [
  ...Object.entries(sizes).flatMap(([name, value]) => ["--set", `data.birds.${name}=${value}`]),
  ...["--profile", "few", "--store", `${folder}/store`],
];

/** What a run cost its engine's process. */
interface Cost {
  cpuMs: number;
  peakBytes: number;
}

async function run(cost: Cost, ...tasks: string[]): Promise<void> {
  const [program, ...args] = protoflow(
    "run",
    WORKFLOW,
    ...tasks,
    "--jobs",
    String(jobs),
    "--json",
    ...chosen,
  );
  const child = new Deno.Command(program, { args, cwd: folder, stdout: "piped", stderr: "inherit" }).spawn();
  let cpuMs = 0;
  const look = () => {
    try {
      const stat = Deno.readTextFileSync(`/proc/${child.pid}/stat`);
      const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).map(Number);
      cpuMs = 1000 * (user + system) / TICKS;
      const peak = /VmHWM:\s+(\d+) kB/.exec(Deno.readTextFileSync(`/proc/${child.pid}/status`));
      cost.peakBytes = Math.max(cost.peakBytes, 1024 * Number(peak?.[1] ?? 0));
    } catch {
      // It has ended.
    }
  };
  const timer = setInterval(look, 200);
  let failed: string | undefined;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    look();
    for (const line of text.split("\n")) {
      if (line.includes('"outcome":"failed"')) failed ??= line.slice(0, 2000);
      if (line.includes('"event":"action"')) console.log(`      ${line.slice(0, 140)}`);
    }
  }
  clearInterval(timer);
  const { code } = await child.status;
  if (code !== 0) throw new Error(failed ?? `the run ended with ${code}`);
  cost.cpuMs += cpuMs;
}

/** The record of a task. */
function recordOf(task: string) {
  const [program, ...args] = protoflow("show", WORKFLOW, task, "--json", ...chosen);
  const { stdout } = new Deno.Command(program, { args, cwd: folder }).outputSync();
  const { record } = JSON.parse(new TextDecoder().decode(stdout));
  return record as {
    outputs: Record<string, { files: number; bytes: number }>;
    facts: { peakMemoryBytes: number };
  };
}

function bytesBelow(path: string): number {
  let sum = 0;
  for (const { name, isDirectory } of Deno.readDirSync(path)) {
    sum += isDirectory ? bytesBelow(`${path}/${name}`) : Deno.lstatSync(`${path}/${name}`).size;
  }
  return sum;
}

async function measure(): Promise<Measurement[]> {
  const began = performance.now();
  const cost: Cost = { cpuMs: 0, peakBytes: 0 };
  await run(cost, "data");
  const before = bytesBelow(`${folder}/store`);
  await run(cost, "masks", "train-views", "test-views");
  const grown = bytesBelow(`${folder}/store`) - before;
  await run(cost);
  const seconds = (performance.now() - began) / 1000;
  const [noop] = medians(5, () => time(protoflow("run", WORKFLOW, ...chosen), folder));

  const records = new Map(BY_IMAGE.map((task) => [task, recordOf(task)]));
  const outputOf = (task: string) => Object.values(records.get(task)!.outputs)[0];
  const drawn = outputOf("masks").files;
  const explained = outputOf("prp").files + outputOf("prototype-prp").files;
  const items = 3 * drawn + explained;
  const kept = ["masks", "train-views", "test-views"].reduce((sum, task) => sum + outputOf(task).bytes, 0);
  const collecting = Math.max(...[...records.values()].map(({ facts }) => facts.peakMemoryBytes));
  const each = cost.cpuMs / items;
  const mb = (bytes: number) => `${(bytes / MB).toFixed(0)} MB`;
  return [
    {
      what: `${drawn} images in ${classes} classes, all stages`,
      value: `${seconds.toFixed(0)} s`,
      bar: "ends",
      met: drawn >= images,
    },
    {
      what: `engine's CPU time an item a stage, ${items} items`,
      value: ms(each),
      bar: "≤ 1 ms",
      met: each <= 1,
    },
    {
      what: "engine's memory",
      value: mb(cost.peakBytes),
      bar: "≤ 600 MB",
      met: cost.peakBytes <= 600 * MB,
    },
    {
      what: "memory of processes that work by image, and collect",
      value: mb(collecting),
      bar: "≤ 600 MB",
      met: collecting <= 600 * MB,
    },
    {
      what: `store's growth by views and masks of ${mb(kept)}`,
      value: `${(grown / kept).toFixed(2)} ×`,
      bar: "≤ 1.15 ×",
      met: grown <= 1.15 * kept,
    },
    { what: "run without changes", value: ms(noop), bar: "≤ 500 ms", met: noop <= 500 },
  ];
}

try {
  const measurements = await measure();
  for (const { what, value, bar, met } of measurements) {
    console.log(`${met ? "  ok" : "MISS"}  ${what}: ${value} (${bar})`);
  }
  if (measurements.some(({ met }) => !met)) Deno.exitCode = 1;
} finally {
  Deno.removeSync(folder, { recursive: true });
}
