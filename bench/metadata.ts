/**
 * The files that the store has for an item and a stage, and runs on a disk that takes a millisecond for each call that names a
 * file, as shared file systems do. `strace` (Linux) makes the calls of the engine's main thread late, which does all of the store.
 *
 *     deno run -A bench/metadata.ts [--images 300] [--project FOLDER]
 *
 * Masks of drawn birds and views of them: two items an image. With `--project` it runs another working copy.
 */
import { type Measurement, ms, protoflow, time } from "./noop/measure.ts";

const option = (name: string) => {
  const at = Deno.args.indexOf(`--${name}`);
  return at < 0 ? undefined : Deno.args[at + 1];
};
const images = Number(option("images") ?? 300);
const HERE = new URL("../", import.meta.url).pathname;
const project = option("project") ?? HERE;
const STAGES = ["masks", "train-views", "test-views"];
const AREAS = ["blobs", "packs", "records", "trees"];
const NAMING =
  "openat,statx,newfstatat,mkdir,rmdir,rename,link,linkat,unlink,unlinkat,chmod,symlink,readlink";
const DELAY_US = 1000;

const folder = Deno.makeTempDirSync({ prefix: "metadata-" });
const classes = Math.max(2, Math.floor(images / 10));

function command(...tasks: string[]): string[] {
  const chosen = Object.entries({ classes, trainPerClass: 5, testPerClass: 5 })
    .flatMap(([name, value]) => ["--set", `data.birds.${name}=${value}`]);
  const workflow = `${HERE}bench/rehearsal_workflow.ts`;
  return protoflow("run", workflow, ...tasks, ...chosen, "--profile", "few", "--store", `${folder}/store`)
    .map((word) => word.replace(HERE, project));
}

const late = (argv: readonly string[]) => [
  "strace",
  "-q",
  "-o",
  "/dev/null",
  "-e",
  `trace=${NAMING}`,
  "-e",
  `inject=${NAMING}:delay_enter=${DELAY_US}`,
  ...argv,
];

function filesOf(path: string): number {
  let count = 0;
  for (const { name, isDirectory } of Deno.readDirSync(path)) {
    count += isDirectory ? filesOf(`${path}/${name}`) : 1;
  }
  return count;
}

const filesInStore = () =>
  [...Deno.readDirSync(`${folder}/store`)].filter(({ name }) => AREAS.includes(name))
    .reduce((sum, { name }) => sum + filesOf(`${folder}/store/${name}`), 0);

function measure(): Measurement[] {
  time(command("data"), folder);
  const before = filesInStore();
  const run = time(late(command(...STAGES)), folder);
  // A task has the list of its files, their digests by label, and its record.
  const own = 3 * STAGES.length;
  const each = (filesInStore() - before - own) / (2 * 10 * classes);
  time(command(...STAGES), folder);
  const noop = time(late(command(...STAGES)), folder);
  const start = time(late(command("data")), folder);
  return [
    { what: "files for 100 items of a stage", value: (100 * each).toFixed(2), bar: "≤ 1", met: each <= 0.01 },
    {
      what: `${20 * classes} items with 1 ms a call, an item`,
      value: ms(run / (20 * classes)),
      bar: "ends",
      met: true,
    },
    { what: "run without changes with 1 ms a call", value: ms(noop), bar: "ends", met: true },
    { what: "the same of a task without items", value: ms(start), bar: "ends", met: true },
  ];
}

try {
  const measurements = measure();
  for (const { what, value, bar, met } of measurements) {
    console.log(`${met ? "  ok" : "MISS"}  ${what}: ${value} (${bar})`);
  }
  if (measurements.some(({ met }) => !met)) Deno.exitCode = 1;
} finally {
  Deno.removeSync(folder, { recursive: true });
}
