/** The kind `report`: which run and row each entry of an input belongs to, by its path and the parameter `rows`. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import report from "../../tasks/report.ts";
import type { TaskContext } from "../../lib/flow/kind.ts";
import { inFolder, writeContent } from "../report/content.ts";
import { inRun } from "./run.ts";

type Params = TaskContext<ReturnType<typeof report.params.parse>>["params"];

/** Runs the kind on a data set and evaluations at the names that the engine gives to entries of a list. */
async function reported(folder: string, evaluations: readonly string[], params: Partial<Params>) {
  const { paths } = writeContent(folder);
  const entries = (input: string, names: readonly string[], target: string) => {
    mkdirSync(join(folder, "in", input), { recursive: true });
    return names.map((name) => {
      const path = join(folder, "in", input, name);
      symlinkSync(target, path);
      return path;
    });
  };
  const given: Record<string, string[]> = {
    data: entries("data", ["0"], paths.data[0].path),
    evaluations: entries("evaluations", evaluations, paths.evaluations[0].path),
  };
  const context = {
    params: report.params.parse(params),
    inputs: (name: string) => given[name] ?? [],
    output: () => join(folder, "page"),
    log: () => {},
  } as unknown as TaskContext<Params>;
  await report.run!(context);
  const labels = (path: string) => {
    const lines = readFileSync(join(folder, "page", path), "utf8").trimEnd().split("\r\n").slice(1);
    return [...new Set(lines.map((line) => line.split(",")[0]))];
  };
  return { labels, has: (path: string) => existsSync(join(folder, "page", path)) };
}

Deno.test("entries of a list belong to the rows that are named for its references, each with its seeds", async () => {
  await inFolder(async (folder) => {
    const page = await reported(folder, ["0-seed=1", "0-seed=2", "1-seed=1"], {
      rows: { evaluations: ["cub200-sam2", "other"] },
      titles: { "other": "Other", "cub200-sam2": "ProtoMask" },
    });
    assert.deepEqual(page.labels("rows/cub200-sam2/values/prototypes.csv"), ["seed=1", "seed=2"]);
    assert.deepEqual(page.labels("rows/other/values/prototypes.csv"), ["seed=1"]);
    assert.ok(page.has("tables/table-1.csv") && !page.has("values/images.csv"));
  });
});

Deno.test("a single row, and a workflow without rows, have one page", async () => {
  for (const rows of [{ evaluations: ["cub200-sam2"] }, {}]) {
    await inFolder(async (folder) => {
      const page = await reported(folder, ["seed=4871", "seed=1"], { rows });
      assert.deepEqual(page.labels("values/prototypes.csv"), ["seed=4871", "seed=1"]);
      assert.ok(page.has("published.json") && !page.has("rows"));
    });
  }
  await inFolder(async (folder) => {
    const page = await reported(folder, ["0", "1"], {});
    assert.deepEqual(page.labels("values/prototypes.csv"), ["run 1", "run 2"]);
  });
});

Deno.test("rows that do not fit the inputs are refused", async () => {
  await inFolder(async (folder) => {
    await assert.rejects(
      reported(folder, ["0-seed=1", "1-seed=1"], { rows: { evaluations: ["a"] } }),
      /rows\.evaluations names 1 rows, but the input has an entry 2/,
    );
  });
  assert.throws(() => report.params.parse({ rows: { evaluation: ["a"] } }));
  assert.throws(() => report.params.parse({ rows: { evaluations: ["../a"] } }), /rows/);
});

Deno.test("verify --published prints what the report of a row says against the paper", async () => {
  await inRun(async (run) => {
    const { paths: { data: [data], evaluations: [evaluation] } } = writeContent(run.folder);
    const { code, err } = await run.run({
      report: {
        kind: "report",
        params: { rows: { evaluations: ["cub200-sam2"] } },
        inputs: {
          data: `folder:${basename(data.path)}`,
          evaluations: [`file:${basename(evaluation.path)}`],
        },
      },
    });
    assert.equal(code, 0, err);
    const verified = await run.call("verify", "views.ts", "--published");
    const lines = verified.out.trimEnd().split("\n");
    assert.equal(lines.length, 1 + 13 + 1, "a line for each figure of both tables");
    assert.match(lines[1], /^cub200-sam2 +Accuracy +75\.00 /);
    assert.match(lines[4], /^cub200-sam2 +Global Size +– .*not run$/);
    const differing = lines.filter((line) => line.endsWith("  differs")).length;
    assert.match(lines[14], new RegExp(`, ${differing} differs, 10 not run, .*: 13 published figures$`));
    assert.equal(verified.code, differing > 0 ? 3 : 0, verified.err);
  });
});
