/** A signal interrupts whatever runs actions, a run and a rebuild alike: nothing goes on, and nothing is left behind. */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { exists, inOpenProject, resultOf, until } from "../cli.ts";

const COMMANDS = { run: ["run", "probe.ts"], rebuild: ["verify", "probe.ts", "--rebuild"] };

for (const [name, command] of Object.entries(COMMANDS)) {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.test(`${signal} ends a ${name} with its action, and exits 130`, async () => {
      await inOpenProject(async (project) => {
        const [slow, pid] = [project.path("slow"), project.path("pid")];
        const script = `if [ -e ${slow} ]; then echo $$ > ${pid}; sleep 60; fi; echo done > out/o`;
        project.workflow({
          task: { kind: "command", params: { argv: ["sh", "-c", script] }, outputs: ["o"] },
        });
        if (name === "rebuild") assert.equal((await project.call("run", "probe.ts")).code, 0);
        project.write("slow", "");
        const child = project.spawn(...command);
        await until(() => exists(pid) && project.read("pid").endsWith("\n"), "the action runs");
        child.kill(signal);
        const { code } = await resultOf(child);
        assert.equal(code, 130);
        assert.ok(!exists(`/proc/${project.read("pid").trim()}`), "the action is gone");
        const work = project.path("store/work");
        const left = exists(work) ? readdirSync(work, { recursive: true }).map(String) : [];
        assert.deepEqual(left.filter((path) => path.includes("rebuild")), []);
      });
    });
  }
}
