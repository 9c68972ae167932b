/** Where the result of a workflow is put, with the facts of the run. */

import assert from "node:assert/strict";
import { inProject, type Project } from "../cli.ts";

const page = "<p>made</p><!-- the facts of the run --><p>end</p>";

function workflow(project: Project, text: string): void {
  const sh = (script: string, inputs: object = {}) => ({
    kind: "command",
    params: { argv: ["sh", "-c", script] },
    inputs,
    outputs: ["o"],
  });
  project.workflow({
    words: sh("cp in/text out/o", { text: "file:words.txt" }),
    page: sh(`mkdir out/o; cp in/w out/o/words.txt; printf '%s' '${text}' > out/o/index.html`, {
      w: "words.o",
    }),
  }, { result: "page.o" });
}

Deno.test("a run says which page to open, and the page has its facts", async () => {
  await inProject(async (project) => {
    project.write("words.txt", "one </script>");
    workflow(project, page);
    const path = `${project.path("store")}/results/probe/index.html`;
    const first = await project.call("run", "probe.ts");
    assert.match(first.out, /2 ran, 0 reused/);
    assert.ok(first.out.endsWith(`\nopen ${path}\n`), first.out);
    const shown = project.read("store/results/probe/index.html");
    const facts = JSON.parse(
      /<script type="application\/json" id="run">(.*)<\/script><p>end/.exec(shown)![1],
    );
    assert.equal(facts.workflow, "probe");
    assert.deepEqual(
      facts.tasks.map(({ id, kind, outcome, needs }: Record<string, unknown>) => ({
        id,
        kind,
        outcome,
        needs,
      })),
      [{ id: "words", kind: "command", outcome: "ran", needs: [] }, {
        id: "page",
        kind: "command",
        outcome: "ran",
        needs: ["words"],
      }],
    );
    assert.match(facts.tasks[1].key, /^[0-9a-f]{64}$/);
    assert.equal(project.read("store/results/probe/words.txt"), "one </script>");

    const again = await project.call("run", "probe.ts");
    assert.match(again.out, /0 ran, 2 reused/);
    assert.ok(again.out.endsWith(`open ${path}\n`));
    assert.equal(project.read("store/results/probe/index.html"), shown, "it tells of the run that made it");

    Deno.removeSync(project.path("store/results"), { recursive: true });
    const re = await project.run();
    console.log(re.code, re.out, re.err);
    assert.match(project.read("store/results/probe/index.html"), /"outcome":"reused".*"outcome":"reused"/);

    workflow(project, page.replace("made", "changed"));
    await project.run();
    assert.match(
      project.read("store/results/probe/index.html"),
      /changed.*"id":"words".*"outcome":"reused".*"id":"page".*"outcome":"ran"/,
    );
  });
});

Deno.test("without the task of the result, and after a failure, nothing is put anywhere", async () => {
  await inProject(async (project) => {
    project.write("words.txt", "one");
    workflow(project, page);
    const part = await project.call("run", "probe.ts", "words");
    assert.match(part.out, /results are in/);
    workflow(project, `$(exit 3)' ; exit 3; echo '`);
    const failed = await project.call("run", "probe.ts");
    assert.equal(failed.code, 1);
    assert.throws(() => project.read("store/results/probe/index.html"));
  });
});
