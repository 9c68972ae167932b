/** The rows of finished runs that are kept: whatever happens to them, the table says what the records say. */

import assert from "node:assert/strict";
import { inProject, type Project } from "../cli.ts";
import { RowIndex } from "../../../lib/flow/history/row_index.ts";
import { listRuns } from "../../../lib/flow/history/run_list.ts";
import { type RunRow, RunTable } from "../../../lib/flow/history/run_rows.ts";
import { Store } from "../../../lib/flow/store/store.ts";

const declared = { command: { output: "figures" } };
const FIGURES = "store/history/figures/probe.jsonl";
const INDEX = "store/history/rows.json";

/** Two seeds with a figure each, and two more runs: the records of the first with other times and keys. */
async function threeRuns(project: Project): Promise<string[]> {
  project.workflow({
    score: {
      kind: "command",
      params: {
        argv: ["sh", "-c", `printf '{"x":%s}' $SEED > out/figures`],
        env: { SEED: { $axis: "seed" } },
      },
      outputs: ["figures"],
    },
  }, { matrix: { seed: [1, 4] } });
  const { run } = (await project.run()).events.at(-1)!;
  return [run, addRun(project, run, 1), addRun(project, run, 2)];
}

function addRun(project: Project, run: string, n: number): string {
  // Of a later year, whatever the random end of the id is.
  const fresh = Number(run.slice(0, 4)) + n + run.slice(4);
  const record = project.read(`store/runs/${run}.jsonl`);
  const { keys } = JSON.parse(record.trimEnd().split("\n").at(-1)!);
  const table: Record<string, string> = JSON.parse(project.read(`store/runs/keys/${keys}.json`));
  for (const [id, key] of Object.entries(table)) {
    table[id] = n.toString(16).padStart(8, "0") + key.slice(8);
    note(project, table[id], n * 100 + Number(/\d+/.exec(id)![0]));
  }
  const digest = n.toString(16).padStart(64, "0");
  project.write(`store/runs/keys/${digest}.json`, JSON.stringify(table));
  project.write(`store/runs/${fresh}.jsonl`, record.replaceAll(run, fresh).replaceAll(keys, digest));
  return fresh;
}

/** Adds a figure as a run does. */
function note(project: Project, key: string, x: number): void {
  const line = JSON.stringify({ task: "score", key, figures: { x }, at: 0 });
  Deno.writeTextFileSync(project.path(FIGURES), `${line}\n`, { append: true });
}

/** The rows by the index, which is written down, are those that are found without it. */
function checkRows(project: Project): RunRow[] {
  const store = Store.open(project.path("store"));
  try {
    const table = new RunTable(store, declared);
    const expected = listRuns(store.folder).flatMap((run) => table.rowsOf(run));
    const index = new RowIndex(store, declared);
    const rows = index.runs().flatMap((run) => index.rowsOf(run));
    assert.deepEqual(JSON.parse(JSON.stringify(rows)), JSON.parse(JSON.stringify(expected)));
    index.save();
    return rows;
  } finally {
    store.close();
  }
}

const means = (rows: readonly RunRow[]) => rows.map(({ figures }) => figures.x?.mean);

/** The files that are read by the index alone. */
function readsOf(project: Project): string[] {
  const store = Store.open(project.path("store"));
  const { readTextFileSync, openSync } = Deno;
  const read: string[] = [];
  const noting = <Call extends (path: string | URL, ...rest: never[]) => unknown>(call: Call) =>
    ((path: string | URL, ...rest: never[]) => {
      read.push(String(path));
      return call(path, ...rest);
    }) as Call;
  try {
    Object.assign(Deno, { readTextFileSync: noting(readTextFileSync), openSync: noting(openSync) });
    const index = new RowIndex(store, declared);
    for (const run of index.runs()) index.rowsOf(run);
  } finally {
    Object.assign(Deno, { readTextFileSync, openSync });
    store.close();
  }
  return read.filter((path) => path.includes("/store/runs/"));
}

Deno.test("the table of runs says what their records say, whatever is kept of it", (t) =>
  inProject(async (project) => {
    const [first, second, third] = await threeRuns(project);
    await t.step("rows of runs that have not changed are not read again, also beside a new run", () => {
      assert.ok(readsOf(project).length >= 6, "nothing is kept yet: records and tables are read");
      assert.deepEqual(means(checkRows(project)), [2.5, 102.5, 202.5]);
      assert.deepEqual(readsOf(project), []);
      const added = addRun(project, first, 3);
      assert.ok(
        readsOf(project).every((path) => path.includes(added) || path.includes("/keys/")),
        "its record",
      );
      assert.equal(readsOf(project).length, 2);
      assert.deepEqual(means(checkRows(project)), [2.5, 102.5, 202.5, 302.5]);
      assert.deepEqual(readsOf(project), []);
    });

    await t.step("a damaged, cut or missing index is made anew", () => {
      const whole = project.read(INDEX);
      for (
        const damaged of [
          whole.replace('"mean":2.5', '"mean":9.5'),
          whole.slice(0, -10),
          whole.slice(0, 30),
          "",
          "null",
        ]
      ) {
        project.write(INDEX, damaged);
        checkRows(project);
        assert.equal(project.read(INDEX), whole);
      }
      Deno.removeSync(project.path(INDEX));
      checkRows(project);
      assert.equal(project.read(INDEX), whole);
    });

    await t.step("what is changed behind the index is seen: records, tables of keys, figures", () => {
      const changes: Record<string, () => void> = {
        "a record": () =>
          rewrite(project, `store/runs/${second}.jsonl`, (text) => text.replace(/"ms":\d+/g, '"ms":7')),
        "a record without its end": () =>
          rewrite(
            project,
            `store/runs/${second}.jsonl`,
            (text) => text.slice(0, text.lastIndexOf('{"event":"done"')),
          ),
        "a record that makes no sense": () => project.write(`store/runs/${second}.jsonl`, "{"),
        "a copy of a record": () =>
          Deno.copyFileSync(
            project.path(`store/runs/${first}.jsonl`),
            project.path(`store/runs/${second}.jsonl`),
          ),
        "a table": () =>
          rewrite(
            project,
            `store/runs/keys/${"2".padStart(64, "0")}.json`,
            (text) => text.replace("seed=1", "seed=7"),
          ),
        "a removed table": () =>
          Deno.removeSync(project.path(`store/runs/keys/${"2".padStart(64, "0")}.json`)),
        "figures of a known key": () => {
          const { key } = JSON.parse(project.read(FIGURES).split("\n")[0]);
          note(project, key, 17);
        },
        "figures written anew": () => rewrite(project, FIGURES, (text) => text.replace('"x":17}', '"x":18}')),
        "fewer figures": () =>
          rewrite(project, FIGURES, (text) => text.slice(0, text.trimEnd().lastIndexOf("\n") + 1)),
        "a removed record": () => Deno.removeSync(project.path(`store/runs/${third}.jsonl`)),
        "a torn line of figures": () => rewrite(project, FIGURES, (text) => text.slice(0, -4)),
      };
      for (const [what, change] of Object.entries(changes)) {
        const before = JSON.stringify(checkRows(project));
        change();
        const after = JSON.stringify(checkRows(project));
        assert.notEqual(after, before, what);
        checkRows(project);
      }
    });
  }));

function rewrite(project: Project, name: string, change: (text: string) => string): void {
  const text = project.read(name);
  assert.notEqual(change(text), text, "something is changed");
  project.write(name, change(text));
}
