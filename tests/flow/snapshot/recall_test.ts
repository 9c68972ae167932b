/** Recalled plans: through the command line, an incremental plan says what a plan from nothing says. */
import assert from "node:assert";
import fc from "fast-check";
import { exists, inProject, outcomes, type Project, type Result } from "../cli.ts";

const shell = (script: string) => ({ argv: ["sh", "-c", script] });

/** Four layers; `half` keeps only what is upper case, so that some edits do not show in it. */
function layers(project: Project): void {
  project.write("a.txt", "A a\n");
  project.write("b.txt", "B b\n");
  project.write("dir/one", "1\n");
  project.write("dir/sub/two", "2\n");
  project.workflow({
    half: {
      kind: "command",
      params: shell("tr -cd A-Z < in/t > out/o"),
      inputs: { t: "file:a.txt" },
      outputs: ["o"],
    },
    list: {
      kind: "command",
      params: shell("cat in/d/one in/d/sub/* > out/o"),
      inputs: { d: "folder:dir" },
      outputs: ["o"],
    },
    both: {
      kind: "command",
      params: shell("cat in/x in/y > out/o"),
      inputs: { x: "half.o", y: "file:b.txt" },
      outputs: ["o"],
    },
    tree: {
      kind: "command",
      params: shell("mkdir out/o && cp in/x out/o/x && cp in/y out/o/y"),
      inputs: { x: "both.o", y: "list.o" },
      outputs: ["o"],
    },
  });
}

const ALL = { half: "reused", list: "reused", both: "reused", tree: "reused" };

async function run(project: Project): Promise<Result> {
  const result = await project.run();
  assert.strictEqual(result.code, 0, result.err);
  return result;
}

/** Keys by task. */
const keys = ({ events }: Result) =>
  Object.fromEntries(events.filter((e) => e.event === "action").map((e) => [e.id, e.key]));

/** Without a remembered plan everything is looked at anew. */
function forget(project: Project): void {
  const snapshots = project.path("store/snapshots");
  if (exists(snapshots)) Deno.removeSync(snapshots, { recursive: true });
}

Deno.test("what nothing changed in is taken over, and only what a change reaches is run", () =>
  inProject(async (project) => {
    layers(project);
    await run(project);
    const first = keys(await run(project));
    assert.deepStrictEqual(outcomes(await run(project)), ALL);
    assert.strictEqual(
      [...Deno.readDirSync(project.path("store/snapshots"))].length,
      1,
      "nothing was remembered",
    );

    project.write("b.txt", "B c\n");
    assert.deepStrictEqual(outcomes(await run(project)), { ...ALL, both: "ran", tree: "ran" });
    assert.deepStrictEqual(outcomes(await run(project)), ALL);
    // Cut off early: the edit does not show in what `half` makes of it.
    project.write("a.txt", "A z\n");
    assert.deepStrictEqual(outcomes(await run(project)), { ...ALL, half: "ran" });
    project.write("dir/sub/three", "3\n");
    assert.deepStrictEqual(outcomes(await run(project)), { ...ALL, list: "ran", tree: "ran" });
    Deno.removeSync(project.path("dir/sub/three"));
    project.write("a.txt", "A a\n");
    project.write("b.txt", "B b\n");
    const back = await run(project);
    assert.deepStrictEqual(outcomes(back), ALL);
    assert.deepStrictEqual(keys(back), first);
  }));

Deno.test("edits of the workflow, lost and damaged results, and a lost or damaged memory of the plan", () =>
  inProject(async (project) => {
    layers(project);
    const first = keys(await run(project));
    await run(project);
    const store = project.path("store");

    const record = `${store}/records/${first.list.slice(0, 2)}/${first.list}`;
    Deno.removeSync(record);
    assert.deepStrictEqual(outcomes(await run(project)), { ...ALL, list: "ran" });

    const shown = JSON.parse((await project.call("show", "probe.ts", "both", "--json")).out);
    const { digest } = shown.record.outputs.o.file;
    const blob = `${store}/blobs/${digest.slice(0, 2)}/${digest}`;
    Deno.chmodSync(blob, 0o644);
    Deno.writeTextFileSync(blob, "xxxx");
    assert.deepStrictEqual(outcomes(await run(project)), { ...ALL, both: "ran" });
    assert.deepStrictEqual(keys(await run(project)), first);

    for (const { name } of Deno.readDirSync(`${store}/snapshots`)) {
      Deno.writeTextFileSync(`${store}/snapshots/${name}`, "garbage");
    }
    assert.deepStrictEqual(outcomes(await run(project)), ALL);
    project.write("probe.ts", project.read("probe.ts").replace("tr -cd A-Z", "tr -cd a-z"));
    assert.deepStrictEqual(outcomes(await run(project)), { ...ALL, half: "ran", both: "ran", tree: "ran" });
    await run(project);
    project.write("probe.ts", project.read("probe.ts").replace("tr -cd a-z", "tr -cd A-Z"));
    assert.deepStrictEqual(keys(await run(project)), first);
  }));

Deno.test("after any edits an incremental run has the keys of a run that remembers nothing", () =>
  inProject(async (project) => {
    layers(project);
    await run(project);
    const edit = fc.record({
      file: fc.constantFrom("a.txt", "b.txt", "dir/one", "dir/sub/two", "dir/sub/new"),
      text: fc.constantFrom("A a\n", "A b\n", "B a\n", "", undefined),
    });
    const edits = fc.array(edit, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(edits, async (list) => {
        for (const { file, text } of list) {
          if (text !== undefined) project.write(file, text);
          else if (file === "dir/sub/new") await Deno.remove(project.path(file)).catch(() => {});
        }
        const incremental = await run(project);
        forget(project);
        const anew = await run(project);
        assert.deepStrictEqual(keys(incremental), keys(anew));
        assert.deepStrictEqual(outcomes(anew), ALL);
      }),
      { numRuns: 12 },
    );
  }));
