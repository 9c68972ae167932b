/** Where the result of a workflow is copied to, and what happens to files that are there already. */

import assert from "node:assert/strict";
import { inProject, type Project } from "../cli.ts";

const page = "<p>made</p><p>end</p>";

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

Deno.test("a run says which page to open, and places it again when its bytes change", async () => {
  await inProject(async (project) => {
    project.write("words.txt", "one </script>");
    workflow(project, page);
    const path = `${project.path("store")}/results/probe/index.html`;
    const first = await project.call("run", "probe.ts");
    assert.match(first.out, /2 ran, 0 reused/);
    assert.ok(first.out.endsWith(`\nopen ${path}\n`), first.out);
    assert.equal(project.read("store/results/probe/index.html"), page);
    assert.equal(project.read("store/results/probe/words.txt"), "one </script>");
    const again = await project.call("run", "probe.ts");
    assert.match(again.out, /0 ran, 2 reused/);
    assert.ok(again.out.endsWith(`open ${path}\n`));
    workflow(project, page.replace("made", "changed"));
    await project.run();
    assert.match(project.read("store/results/probe/index.html"), /changed/);
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

/** What may happen to the files of a placed result, and whether anything is lost if they are replaced. */
const edits: Record<string, [(folder: string) => void, boolean]> = {
  "a page is edited": [(folder) => Deno.writeTextFileSync(`${folder}/index.html`, "other"), true],
  "a page is cut": [(folder) => Deno.truncateSync(`${folder}/index.html`, 3), true],
  "a page is removed": [(folder) => Deno.removeSync(`${folder}/index.html`), false],
  "a page is swapped for a link": [(folder) => {
    Deno.renameSync(`${folder}/index.html`, `${folder}/../page`);
    Deno.symlinkSync("../page", `${folder}/index.html`);
  }, true],
  "a page becomes a pipe": [(folder) => {
    Deno.removeSync(`${folder}/index.html`);
    new Deno.Command("mkfifo", { args: [`${folder}/index.html`] }).outputSync();
  }, true],
  "notes are put beside it": [(folder) => Deno.writeTextFileSync(`${folder}/notes.txt`, "mine"), true],
  "the folder is removed": [(folder) => Deno.removeSync(folder, { recursive: true }), false],
  "the folder becomes a file": [(folder) => {
    Deno.removeSync(folder, { recursive: true });
    Deno.writeTextFileSync(folder, "mine");
  }, true],
  "a page is only touched": [(folder) => Deno.utimeSync(`${folder}/index.html`, 1, 1), false],
};

for (const [what, [edit, isForeign]] of Object.entries(edits)) {
  Deno.test({
    name: `${what}: it is noticed, placed again, and what was the user's is kept aside`,
    ignore: Deno.build.os === "windows",
    fn: () =>
      inProject(async (project) => {
        project.write("words.txt", "one");
        workflow(project, page);
        await project.run();
        await project.run();
        const folder = project.path("store/results/probe");
        const shown = project.read("store/results/probe/words.txt");
        edit(folder);
        const verified = await project.call("verify", "probe.ts", "--frozen");
        assert.equal(verified.code, isForeign || /page is removed/.test(what) ? 3 : 0, verified.out);
        const again = await project.call("run", "probe.ts");
        assert.match(again.out, /0 ran, 2 reused[^]*open .*index\.html\n$/);
        assert.match(project.read("store/results/probe/index.html"), /^<p>made<\/p>.*<p>end<\/p>$/);
        assert.ok(Deno.lstatSync(`${folder}/index.html`).isFile);
        assert.equal(project.read("store/results/probe/words.txt"), shown);
        assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
          "index.html",
          "words.txt",
        ]);
        const aside = /they are in (.*)\n/.exec(again.err)?.[1];
        assert.equal(aside !== undefined, isForeign, again.err);
        if (aside !== undefined) assert.ok(Deno.lstatSync(aside));
        assert.equal((await project.call("run", "probe.ts")).err, "");
      }),
  });
}

Deno.test("two runs that place different results at once never mix them", () =>
  inProject(async (project) => {
    const script =
      "mkdir out/o; for i in $(seq 400); do echo $V > out/o/$i; done; echo $V > out/o/index.html";
    // Two files that define a workflow of the same name.
    const files = ["A", "B"].map((value) => {
      project.workflow({
        a: { kind: "command", params: { argv: ["sh", "-c", script], env: { V: value } }, outputs: ["o"] },
      }, { result: "a.o" });
      Deno.renameSync(project.path("probe.ts"), project.path(`${value}.ts`));
      return `${value}.ts`;
    });
    for (const file of files) await project.call("run", file);
    for (let round = 0; round < 4; round++) {
      const codes = await Promise.all(files.map(async (file) => (await project.call("run", file)).code));
      assert.deepEqual(codes, [0, 0]);
      const folder = project.path("store/results/probe");
      const texts = [...Deno.readDirSync(folder)].map(({ name }) =>
        project.read(`store/results/probe/${name}`)
      );
      assert.equal(texts.length, 401);
      assert.equal(new Set(texts).size, 1);
    }
    const left = [...Deno.readDirSync(project.path("store/results/.placed"))].map(({ name }) => name);
    assert.deepEqual(left, ["probe.json"]);
  }));

Deno.test("results of profiles and overrides are placed beside the main one, and verify looks at each", () =>
  inProject(async (project) => {
    const script = "mkdir out/o; echo $V $W > out/o/index.html";
    const env = { V: "A", W: "x" };
    project.workflow({
      a: { kind: "command", params: { argv: ["sh", "-c", script], env }, outputs: ["o"] },
    }, { result: "a.o", profiles: { smoke: { a: { env: { V: "S" } } } } });
    const choices: [string[], string, string][] = [
      [[], "probe", "A x"],
      [["--profile", "smoke"], "probe-smoke", "S x"],
      [["--set", "a.env.V=B"], "probe,a.env.V=B", "B x"],
      [["--set", "a.env.W=y", "--set", "a.env.V=B"], "probe,a.env.V=B,a.env.W=y", "B y"],
      [["--profile", "smoke", "--set", "a.env.W=y"], "probe-smoke,a.env.W=y", "S y"],
      [["--set", "a.env.V=B", "--set", "a.env.V=A"], "probe", "A x"],
    ];
    for (const [more, folder, text] of choices) {
      const { out } = await project.call("run", "probe.ts", ...more);
      assert.ok(out.endsWith(`open ${project.path(`store/results/${folder}/index.html`)}\n`), out);
      assert.equal(project.read(`store/results/${folder}/index.html`), `${text}\n`);
    }
    assert.equal(project.read("store/results/probe/index.html"), "A x\n");
    for (const path of ["../../x y", "/somewhere/else/x y/", "x y"]) {
      const { out } = await project.call("run", "probe.ts", "--set", `a.env.V=${path}`);
      assert.match(out, /open .*\/store\/results\/probe,a\.env\.V=x_y-[0-9a-f]{8}\/index\.html\n$/);
    }
    const placed = [...Deno.readDirSync(project.path("store/results"))];
    const odd = placed.filter(({ name, isDirectory }) => isDirectory && name.includes("x_y"));
    assert.equal(odd.length, 3, "a folder for each path");

    project.write("store/results/probe-smoke/index.html", "edited");
    assert.equal((await project.call("verify", "probe.ts")).code, 0);
    const edited = await project.call("verify", "probe.ts", "--profile", "smoke");
    assert.deepEqual([edited.code, /edited: .*probe-smoke/.test(edited.out)], [3, true]);
  }));

Deno.test("several values where one is expected place a result for each, as if it had been set alone, and end with a table", () =>
  inProject(async (project) => {
    const sh = (script: string, more: object) => ({
      kind: "command",
      params: { argv: ["sh", "-c", script], ...more },
    });
    project.workflow({
      train: { kind: "hash_chain", params: { seed: "s", steps: 2 } },
      score: {
        ...sh(`printf '{"Accuracy":%s}' $(cat in/t)$SEED > out/figures`, {
          env: { SEED: { $axis: "seed" } },
        }),
        inputs: { t: "train.trace" },
        outputs: ["figures"],
      },
      page: {
        ...sh("cat in/f/* > out/o", {}),
        inputs: { f: { $each: "score.figures", over: ["seed"] } },
        outputs: ["o"],
      },
    }, { matrix: { seed: [1, 3] }, result: "page.o" });
    const { out } = await project.call("run", "probe.ts", "--set", "train.steps=5,10");
    const folder = project.path("store/results/probe,train.steps");
    assert.match(
      out,
      new RegExp(
        "\\nvariant   seeds  Accuracy\\nsteps=5   1 3    52 ± 1\\nsteps=10  1 3    102 ± 1\\n" +
          `open ${folder}=5/o\nopen ${folder}=10/o\n$`.replaceAll("/o", "/result"),
      ),
    );
    const alone = await project.call("run", "probe.ts", "--set", "train.steps=5", "--json");
    assert.equal(alone.events.at(-1)!.ran, 0);
    assert.deepEqual([...Deno.readDirSync(project.path("store/results"))].map(({ name }) => name).sort(), [
      ".placed",
      "probe,train.steps=10",
      "probe,train.steps=5",
      // Where the run showed how far it was.
      "probe,train.steps=5.html",
    ]);
    const again = await project.call("run", "probe.ts", "--set", "train.steps=5,10");
    assert.match(again.out, /0 ran, 8 reused[^]*steps=5 +1 3 +52 ± 1\n/);
  }));
