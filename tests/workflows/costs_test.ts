/** What the six experiments of the paper cost, by `plan` before anything has run, and by README. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { bytes } from "../../lib/flow/display/format.ts";
import { flopText } from "../../lib/flow/commands/costs.ts";
import { OPERATIONS } from "../../lib/tensor/program_cost.ts";
import type { Result } from "../flow/cli.ts";
import { PROJECT } from "../house/project_files.ts";
import { inRun } from "../tasks/run.ts";

const EXPERIMENTS = ["cub200-sam2", "cub200-slit", "dogs-sam2", "dogs-slit", "cars-sam2", "cars-slit"];

/** The speed that README states hours for. */
const FLOP_PER_SECOND = 1e11;

/** A row of README: images, work, hours, what is written, memory. */
function rowOf(name: string, { events }: Result): string[] {
  const { all } = events.find(({ event }) => event === "totals")!;
  const { cost: { images } } = events.find(({ id }) => id === "data")!;
  const hours = Math.round(all.flop / FLOP_PER_SECOND / 3600);
  return [
    `\`${name}\``,
    images.toLocaleString("en"),
    flopText(all.flop),
    hours.toLocaleString("en"),
    bytes(all.bytes),
    bytes(all.memoryMB * 2 ** 20),
  ];
}

Deno.test("plan states images, work, time, bytes and memory of every task of the six experiments; README has the totals", () =>
  inRun(async (run) => {
    const rows: string[][] = [];
    for (const name of EXPERIMENTS) {
      const planned = await run.call("plan", name, "--json");
      assert.equal(planned.code, 0, planned.err);
      for (const { id, event, cost } of planned.events) {
        if (event !== "plan") continue;
        // A file without a published size can't be told.
        if (/^mask-(?:weights|configuration|processor)$/.test(id) && cost === undefined) continue;
        assert.ok(cost, `${name}: ${id} has no estimate`);
        assert.ok(cost.ms >= 0 && cost.bytes > 0 && cost.memoryMB > 0, `${name}: ${id}`);
        if (/^(?:data|masks|.*-views|joint|project|fine-tune|prp|evaluate)\b/.test(id)) {
          assert.ok(cost.images > 0, id);
        }
        if (/^(?:masks|joint|project|fine-tune|prp|evaluate)\b/.test(id)) assert.ok(cost.flop > 0, id);
      }
      rows.push(rowOf(name, planned));
    }
    const readme = Deno.readTextFileSync(join(PROJECT, "README.md"));
    const table = readme.split("\n").filter((line) => line.startsWith("| `")).map((line) =>
      line.split("|").slice(1, -1).map((cell) => cell.trim())
    );
    const shown = table.filter(([name]) => rows.some(([own]) => own === name));
    assert.deepEqual(shown, rows);
  }));

Deno.test("plan says how times were estimated, and where hours on the CPU could run on a GPU", () =>
  inRun(async (run) => {
    const { code, out } = await run.call("plan", "cub200-sam2", "joint[seed=4871]");
    assert.equal(code, 0);
    assert.match(
      out,
      /joint\[seed=4871\] +\d+ d \d+ h +599400 images, \d+ PFLOP, [\d.]+ GB written, \d+ GB of memory/,
    );
    assert.match(out, /\nleft: about \d+ d \d+ h one after another, \d+ PFLOP/);
    assert.match(out, /cpu: 100 GFLOP a second, assumed; `deno task run calibration` measures it/);
    const gpu = await run.withEnvironment({ CUDA_VISIBLE_DEVICES: "0" }).call("plan", "cub200-sam2");
    assert.match(gpu.out, /will be computed on the CPU, but there is a GPU here: --device cuda uses it/);
  }));

Deno.test("a calibration is kept like any result, and plan estimates by it", () =>
  inRun(async (run) => {
    const ran = await run.call("run", "calibration");
    assert.equal(ran.code, 0, ran.err + ran.out);
    const got = join(run.folder, "got");
    assert.equal((await run.call("get", "calibration", "speed.speed", got)).code, 0);
    const { startSeconds, operations } = JSON.parse(Deno.readTextFileSync(join(got, "speed")));
    assert.ok(startSeconds > 0);
    for (const name of [...OPERATIONS, "node", "runtime"]) {
      for (const curve of Object.values<[number, number][]>(operations[name])) {
        assert.ok(curve.length > 0 && curve.every(([size, seconds]) => size > 0 && seconds > 0), name);
        const sizes = curve.map(([size]) => size);
        assert.deepEqual(sizes, sizes.toSorted((a, b) => a - b), name);
      }
    }
    const { out } = await run.call("plan", "birds");
    assert.match(out, /cpu: [\d.]+ \wFLOP a second, as measured here/);
    // A training of no epochs still starts a process.
    const { events } = await run.call("plan", "birds", "--json");
    for (const { id, event, cost } of events) {
      if (event === "plan") assert.ok(cost.ms >= 1000 * startSeconds, `${id}: ${cost.ms} ms`);
    }
    const again = await run.call("run", "calibration", "--json");
    assert.equal(again.events.at(-1)!.reused, 1);
  }));

Deno.test("plan estimates every task of a study with all four models", () =>
  inRun(async (run) => {
    const { code, err, events } = await run.call("plan", "study-birds", "--json");
    assert.equal(code, 0, err);
    const planned = events.filter(({ event }) => event === "plan");
    assert.ok(planned.length > 50);
    assert.deepEqual(planned.filter(({ cost }) => cost === undefined).map(({ id }) => id), []);
    assert.doesNotMatch(err, /could not be estimated/);
  }));
