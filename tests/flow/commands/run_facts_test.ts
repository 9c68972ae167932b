/** The facts of a run in the copy of its result: only where the kind declares a placeholder, and as JSON. */

import assert from "node:assert/strict";
import { inProject, type Project } from "../cli.ts";

/** A file of the one result that is placed: with overrides its folder has a name of its own. */
function placed(project: Project, name: string): string {
  const [folder] = [...Deno.readDirSync(project.path("store/results"))].filter(({ name }) =>
    name !== ".placed"
  );
  return project.read(`store/results/${folder.name}/${name}`);
}

/** `text` is what the page is made of; the name of the workflow's file is in the command of the run. */
function workflow(project: Project, text: string, result = "page.page"): void {
  const echo = (word: string) => ({
    kind: "command",
    params: { argv: ["sh", "-c", `echo ${word} > out/o`] },
    outputs: ["o"],
  });
  project.write("own.txt", "mine");
  project.workflow({
    a: echo("a"),
    b: echo("b"),
    page: { kind: "page", params: { text }, inputs: { words: ["b.o", "a.o", "file:own.txt"] } },
  }, { result });
}

Deno.test("all files that a pattern names get the facts of the run, others are left as they are", async () => {
  await inProject(async (project) => {
    project.workflow({ site: { kind: "site" } }, { result: "site.pages" });
    assert.equal((await project.run()).code, 0);
    const [page, row, other] = ["index.html", "rows/index.html", "rows/other.html"].map((name) =>
      placed(project, name)
    );
    assert.equal(JSON.parse(page).workflow, "probe");
    assert.equal(row, page);
    assert.equal(other, "@FACTS@");
  });
});

Deno.test("a placeholder that the kind declares is replaced by the facts of the run", async () => {
  await inProject(async (project) => {
    workflow(project, "[@FACTS@,@FACTS@]");
    const argv = ["run", "probe.ts", "--set", 'page.text=[@FACTS@,"</script>$&",@FACTS@]'];
    assert.equal((await project.call(...argv)).code, 0);
    const shown = placed(project, "sub/page.txt");
    assert.equal(shown.split("<").length, 2, "only that of the text: in the facts it is escaped");
    const [facts, , again] = JSON.parse(shown);
    assert.deepEqual(facts, again);
    assert.equal(facts.workflow, "probe");
    assert.match(facts.command, /^deno task run probe\.ts --set '?page\.text=.*<\/script>\$&",@FACTS@/);
    assert.deepEqual(facts.result, {
      task: "page",
      output: "page",
      inputs: { words: [{ task: "b", output: "o" }, { task: "a", output: "o" }, { source: "file" }] },
    });
    const { key, ms, params, ...rest } = facts.tasks.find(({ id }: { id: string }) => id === "page");
    assert.equal(typeof params.text, "string");
    assert.deepEqual(rest, { id: "page", task: "page", kind: "page", outcome: "ran", needs: ["b", "a"] });
    assert.deepEqual(
      facts.overrides.map(({ field, by }: Record<string, string>) => `${field} by ${by}`),
      ["page.text by set"],
    );
    assert.match(key, /^[0-9a-f]{64}$/);
    assert.ok(ms > 0);
    assert.match(placed(project, "index.html"), /@FACTS@/, "another file of the output is copied as it is");

    await project.call(...argv);
    assert.equal(placed(project, "sub/page.txt"), shown, "it keeps the facts of the run that placed it");
    Deno.removeSync(project.path("store/results"), { recursive: true });
    await project.call(...argv);
    const [{ tasks }] = JSON.parse(placed(project, "sub/page.txt"));
    assert.deepEqual(tasks.map(({ outcome }: { outcome: string }) => outcome), [
      "reused",
      "reused",
      "reused",
    ]);

    Deno.removeSync(project.path("store/results"), { recursive: true });
    workflow(project, "[@FACTS@]");
    await project.run();
    const [changed] = JSON.parse(placed(project, "sub/page.txt"));
    assert.deepEqual(
      changed.tasks.map(({ id, outcome }: { id: string; outcome: string }) => [id, outcome]).sort(),
      [["a", "reused"], ["b", "reused"], ["page", "ran"]],
    );
    await project.call("get", "probe.ts", "page.page", "got");
    assert.equal(project.read("got/page/sub/page.txt"), "[@FACTS@]", "the output itself has no facts");
  });
});

Deno.test("a page without the placeholder, and an output without a declaration, are copied as they are", async () => {
  await inProject(async (project) => {
    const text = "<script>null</script> \ufeff @facts@ \r\n";
    workflow(project, text);
    assert.equal((await project.run()).code, 0);
    assert.equal(placed(project, "sub/page.txt"), text);
    workflow(project, "@FACTS@", "page.plain");
    assert.equal((await project.run()).code, 0);
    assert.equal(placed(project, "result"), "@FACTS@");
  });
});
