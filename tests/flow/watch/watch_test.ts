/** `watch`: what it shows of a run, and that it leaves the run alone. */

import assert from "node:assert/strict";
import { eventsOf, inProject, outcomes, type Project, resultOf } from "../cli.ts";
import { startLearning } from "./learning.ts";

Deno.test("watch shows progress, curves, memory and the log of a run, until it ends", async () => {
  await inProject(async (project) => {
    const learning = await startLearning(project);
    const child = project.spawn("watch", "--json");
    let ended;
    for await (const seen of eventsOf(child)) {
      const [task] = seen.running;
      if (task?.log.length === 3 && task.curve && !ended) {
        assert.equal(task.id, "learn");
        assert.match(task.progress, /^█{15}░{5} 3\/4 steps .*epoch 3\.000 {2}loss 2\.667$/);
        assert.equal(task.part, 0.75);
        assert.deepEqual(task.curve, { done: [1, 2, 3], values: { loss: [8, 4, 2.66667] } });
        assert.equal(task.log[2], "step 3 <b>of</b> 4");
        assert.match(seen.outcomes.join(), /^ran +first /);
        assert.ok(seen.memory.usedBytes > 2 ** 20 && seen.memory.usedBytes < seen.memory.totalBytes);
        ended = learning.end();
      }
      if (seen.state !== "running") assert.deepEqual([seen.state, seen.ended, seen.running], ["done", 2, []]);
    }
    assert.deepEqual(outcomes((await ended)!), { first: "ran", learn: "ran" });
    assert.equal(new TextDecoder().decode(await new Response(child.stderr).bytes()), "");
    assert.equal((await child.status).code, 0);
  });
});

Deno.test("watch writes nothing: neither into the files of the run, nor anywhere else in the store", async () => {
  await inProject(async (project) => {
    const learning = await startLearning(project);
    // A run that stands still writes nothing itself.
    learning.run.kill("SIGSTOP");
    const before = statesBelow(project.path("store"));
    const child = project.spawn("watch", "--json");
    let looks = 0;
    for await (const { state } of eventsOf(child)) {
      assert.equal(state, "running");
      if (++looks === 3) break;
    }
    child.kill("SIGKILL");
    await child.stderr.cancel();
    await child.status;
    assert.deepEqual(statesBelow(project.path("store")), before);
    learning.run.kill("SIGCONT");
    assert.equal((await learning.end()).code, 0);
  });
});

Deno.test("a run that is watched has the same results and records as one that is not", async () => {
  const seen: unknown[] = [];
  for (const watchers of [0, 2]) {
    await inProject(async (project) => {
      const learning = await startLearning(project);
      const children = Array.from({ length: watchers }, () => project.spawn("watch"));
      const { code } = await learning.end();
      for (const child of children) {
        const { code, out } = await resultOf(child);
        assert.equal(code, 0);
        assert.match(out, /probe {2}run \S+ by .*: done, 2\/2 done/);
      }
      seen.push({
        code,
        digests: await digestsOf(project),
        files: namesIn(project.path("store/runs")).length,
      });
    });
  }
  assert.deepEqual(seen[0], seen[1]);
});

Deno.test("watch without a running run shows the last one, and names what to do where there is none", async () => {
  await inProject(async (project) => {
    const none = await project.call("watch");
    assert.deepEqual([none.code, none.out], [2, ""]);
    assert.match(none.err, /nothing has been run with the store .*; start a run, then watch it/);
    project.workflow({
      bad: { kind: "command", params: { argv: ["sh", "-c", "echo no; exit 3"] }, outputs: ["o"] },
    });
    const { run } = (await project.run()).events.at(-1)!;
    const { code, out } = await project.call("watch", "last");
    assert.equal(code, 0);
    assert.match(
      out,
      new RegExp(`^FAILED {2}bad {2}exit code 3\\n[^]*\\| no\\nprobe {2}run ${run} .*: failed, 1/1 done`),
    );
  });
});

Deno.test("log -f prints what a running task prints until it ends, and no line twice", async () => {
  await inProject(async (project) => {
    const learning = await startLearning(project);
    const child = project.spawn("log", "probe.ts", "learn", "-f");
    const reader = child.stdout.getReader();
    let text = "";
    const read = async () => {
      const { value, done } = await reader.read();
      text += new TextDecoder().decode(value);
      return !done;
    };
    while (!text.includes("step 3")) assert.ok(await read(), "it goes on while the task runs");
    const ended = learning.end();
    while (await read());
    assert.equal(text, [1, 2, 3, 4].map((step) => `step ${step} <b>of</b> 4\n`).join(""));
    await ended;
    assert.equal((await child.status).code, 0);
    await child.stderr.cancel();
    assert.equal(
      (await project.call("log", "probe.ts", "learn", "-f")).out,
      text,
      "and all of it afterwards",
    );
  });
});

Deno.test("log -f of a chain prints all its steps in order, however fast they end", async () => {
  await inProject(async (project) => {
    project.workflow({
      slow: { kind: "command", params: { argv: ["sleep", "0.5"] }, outputs: [] },
      train: { kind: "hash_chain", params: { seed: "s", steps: 7, segment: 1 } },
    });
    const run = project.spawn("run", "probe.ts", "--json");
    let follower: Deno.ChildProcess | undefined;
    for await (const { event, id } of eventsOf(run)) {
      if (event === "running" && id === "train") follower ??= project.spawn("log", "probe.ts", "train", "-f");
    }
    const { out } = await resultOf(follower!);
    assert.equal(out, [1, 2, 3, 4, 5, 6, 7].map((step) => `steps ${step} to ${step}\n`).join(""));
  });
});

/** By path, what changes when a file or folder is written. */
function statesBelow(folder: string): Record<string, unknown> {
  return Object.fromEntries([...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    const { ino, size, mtime, ctime } = Deno.lstatSync(path);
    return [[path, { ino, size, mtime, ctime }], ...(isDirectory ? Object.entries(statesBelow(path)) : [])];
  }));
}

/** Of all outputs by task. */
async function digestsOf(project: Project): Promise<Record<string, unknown>> {
  const digests: Record<string, unknown> = {};
  for (const id of ["first", "learn"]) {
    const [{ record }] = (await project.call("show", "probe.ts", id, "--json")).events;
    digests[id] = record.outputs;
  }
  return digests;
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}
