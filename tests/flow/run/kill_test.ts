/** `kill -9` at random instants of a run: the store stays whole, nothing needs unlocking, and the next run ends right. */

import assert from "node:assert/strict";
import { Store } from "../../../lib/flow/store/store.ts";
import { exists, inProject, outcomes, type Project, resultOf } from "../cli.ts";

const KILLS = 200;
/** Start-up, planning and all of the tasks fall into this time. */
const LONGEST_MS = 400;

/** Three layers of six tasks; each passes on what it was given. */
function layers(project: Project, text: string): void {
  project.write("text", `${text}\n`);
  const tasks: Record<string, object> = {};
  for (let layer = 0; layer < 3; layer++) {
    for (let i = 0; i < 6; i++) {
      const inputs = {
        x: layer === 0 ? "file:text" : `l${layer - 1}i${i}.o`,
        y: layer === 0 ? "file:text" : `l${layer - 1}i${(i + 1) % 6}.o`,
      };
      const argv = [
        "sh",
        "-c",
        `mkdir out/o; cat in/x${layer === 0 ? "" : "/last"} > out/o/last; echo ${layer} ${i} > out/o/name`,
      ];
      tasks[`l${layer}i${i}`] = { kind: "command", params: { argv }, inputs, outputs: ["o"] };
    }
  }
  project.workflow(tasks);
}

async function killAtRandom(kills: number): Promise<void> {
  await inProject(async (project) => {
    for (let kill = 0; kill < kills; kill++) {
      layers(project, `text ${Math.floor(kill / 3)}`);
      const child = project.spawn("run", "probe.ts", "--json");
      const timer = setTimeout(() => {
        try {
          child.kill("SIGKILL");
        } catch {
          // It has come to its end before.
        }
      }, Math.random() * LONGEST_MS);
      await resultOf(child).finally(() => clearTimeout(timer));
      const store = Store.open(project.path("store"), "the test");
      assert.deepEqual(await store.verify(), [], `after kill ${kill}`);
      store.close();
    }
    const last = await project.run();
    assert.equal(last.code, 0, last.out + last.err);
    assert.equal(Object.keys(outcomes(last)).length, 18);
    await project.call("get", "probe.ts", "l2i3", "got");
    assert.equal(project.read("got/o/last"), `text ${Math.floor((kills - 1) / 3)}\n`);
    assert.equal(project.read("got/o/name"), "2 3\n");
    assert.deepEqual([...Deno.readDirSync(project.path("store/work"))].map(({ name }) => name), []);
    assert.ok(!exists(project.path("store/quarantine")), "nothing had to be quarantined");
  });
}

Deno.test(`a run killed at ${KILLS} random instants leaves no torn entry and no lock`, async () => {
  await Promise.all([killAtRandom(KILLS / 2), killAtRandom(KILLS / 2)]);
});
