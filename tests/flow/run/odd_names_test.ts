/** Files whose names can't be kept: neither a source nor an output loses one of them. */
import assert from "node:assert/strict";
import { inOpenProject, inProject, outcomes, type Project } from "../cli.ts";

/** Shell code that makes a file, and a folder with a file, whose names are not UTF-8. */
const MAKE_THEM =
  `mkdir "$(printf 'd\\377')"; echo 1 > "$(printf 'd\\377')/f"; echo 2 > "$(printf 'a\\376')"`;

const sh = (script: string, inputs: object = {}) => {
  return { kind: "command", params: { argv: ["sh", "-c", script] }, inputs, outputs: ["o"] };
};

function make(project: Project, folder: string): void {
  project.write(`${folder}/good`, "3");
  const { success } = new Deno.Command("sh", { args: ["-c", MAKE_THEM], cwd: project.path(folder) })
    .outputSync();
  assert.ok(success);
}

for (const [how, within] of Object.entries({ isolated: inProject, "not isolated": inOpenProject })) {
  Deno.test({
    name: `a file whose name is not UTF-8 is refused, in a source and in an output: ${how}`,
    ignore: Deno.build.os !== "linux",
    fn: () =>
      within(async (project) => {
        make(project, "source");
        project.workflow({
          source: sh("ls in/s > out/o", { s: "folder:source" }),
          output: sh(`mkdir out/o; cd out/o; ${MAKE_THEM}`),
        });
        const { code, events } = await project.run();
        assert.equal(code, 1);
        const reasons = events.filter(({ outcome }) => outcome === "failed").map(({ reason }) => reason);
        assert.equal(reasons.length, 2);
        for (const reason of reasons) assert.match(reason, /"a\ufffd": it is not valid Unicode: rename it/);
      }),
  });

  Deno.test({
    name: `a file whose name is not UTF-8 is seen by no later task in the same work folder: ${how}`,
    ignore: Deno.build.os !== "linux",
    fn: () =>
      within(async (project) => {
        // Else the shell may make the output after it was looked for.
        const listed = "touch out/o; find . -mindepth 2 | wc -l > out/o";
        project.workflow({ a: sh(`${listed}; cd tmp; ${MAKE_THEM}`), b: sh(`: b; ${listed}`, { a: "a.o" }) });
        assert.deepEqual(outcomes(await project.run("--jobs", "1")), { a: "ran", b: "ran" });
        const [shown] = (await project.call("show", "probe.ts", "b", "--json")).events;
        // Its input and its output.
        assert.equal(Deno.readTextFileSync(shown.paths.o[""]).trim(), "2");
      }),
  });
}
