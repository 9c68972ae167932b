/** What becomes of a run when a process that helps it is killed: nothing is kept, the reason is said, the next run heals. */

import assert from "node:assert/strict";
import { findStrace } from "../../../lib/flow/trace/strace.ts";
import { exists, inProject, outcomes, processesBelow, type Project, resultOf, until } from "../cli.ts";

const linux = Deno.build.os === "linux";

/** The descendants of `pid` whose command line has `text`. */
function helpersOf(pid: number, text: string): number[] {
  const children = (of: number) => {
    try {
      return [...Deno.readDirSync(`/proc/${of}/task`)].flatMap(({ name }) =>
        Deno.readTextFileSync(`/proc/${of}/task/${name}/children`).split(" ").filter(Boolean).map(Number)
      );
    } catch {
      return []; // It has just ended.
    }
  };
  const below: number[] = children(pid).flatMap((child) => [child, ...helpersOf(child, "")]);
  return below.filter((child) => {
    try {
      return Deno.readTextFileSync(`/proc/${child}/cmdline`).includes(text);
    } catch {
      return false;
    }
  });
}

function writeTasks(project: Project): void {
  project.write("text", "some text\n");
  project.workflow({
    slow: {
      kind: "command",
      params: {
        argv: [
          "sh",
          "-c",
          "echo begun; while ! test -e in/gate/open; do exec sleep 600; done; cp in/x out/o",
        ],
      },
      inputs: { x: "file:text", gate: "folder:gate" },
      outputs: ["o"],
    },
  });
  project.write("gate/closed", "");
}

/** Whether the task runs: it has printed its line. */
function hasBegun(project: Project): boolean {
  const work = project.path("store/work");
  if (!exists(work)) return false;
  return [...Deno.readDirSync(work)].some(({ name }) =>
    [...Deno.readDirSync(`${work}/${name}`)].some((entry) =>
      entry.isFile && Deno.readTextFileSync(`${work}/${name}/${entry.name}`) === "begun\n"
    )
  );
}

/** Opens the gate and runs again: the result is right. */
async function healed(project: Project): Promise<void> {
  project.write("gate/open", "");
  const again = await project.run();
  assert.deepEqual(outcomes(again), { slow: "ran" }, again.err);
  assert.equal((await project.call("get", "probe.ts", "slow", project.path("got"))).code, 0);
  assert.equal(project.read("got/o"), "some text\n");
}

Deno.test({
  name: "a launcher that is killed while its task runs fails the task in a line that says so",
  ignore: !linux,
  async fn() {
    await inProject(async (project) => {
      writeTasks(project);
      const child = project.spawn("run", "probe.ts", "--json");
      await until(() => hasBegun(project), "the task runs");
      const launchers = helpersOf(child.pid, "launcher_process.ts");
      for (const pid of launchers) Deno.kill(pid, "SIGKILL");
      if (launchers.length === 0) child.kill("SIGKILL"); // Tasks can't be isolated here.
      const result = await resultOf(child);
      assert.deepEqual(processesBelow(project.path("store/work")), []);
      if (launchers.length > 0) {
        const [{ reason }] = result.events.filter(({ outcome }) => outcome === "failed");
        assert.match(
          reason,
          /^the process that starts isolated tasks has ended: killed by SIGKILL; run the same/,
        );
        assert.equal(result.code, 1);
      }
      await healed(project);
    });
  },
});

Deno.test({
  name: "a watchdog that is killed changes nothing",
  ignore: !linux,
  async fn() {
    await inProject(async (project) => {
      project.workflow({
        slow: {
          kind: "command",
          params: { argv: ["sh", "-c", "sleep 3; echo > out/o"] },
          outputs: ["o"],
        },
      });
      const child = project.spawn("run", "probe.ts", "--json");
      let watchdog: number | undefined;
      await until(
        () => ([watchdog] = helpersOf(child.pid, "watchdog_process.ts")).length > 0,
        "there is a watchdog",
      );
      Deno.kill(watchdog!, "SIGKILL");
      const result = await resultOf(child);
      assert.deepEqual(outcomes(result), { slow: "ran" }, result.err);
      assert.equal(result.err, "");
    });
  },
});

const strace = await findStrace().then(() => true, () => false);

Deno.test({
  name: "a tracer that is killed is not taken for the task" +
    (strace ? "" : " (left out: strace is absent, or may not trace here)"),
  ignore: !strace,
  async fn() {
    await inProject(async (project) => {
      project.workflow({
        slow: { kind: "command", params: { argv: ["sh", "-c", "sleep 3; echo > out/o"] }, outputs: ["o"] },
      });
      assert.equal((await project.run()).code, 0);
      const child = project.spawn("verify", "probe.ts", "--trace");
      await until(() => helpersOf(child.pid, "sleep\0").length > 0, "the task runs");
      const [tracer] = helpersOf(child.pid, "strace\0");
      Deno.kill(tracer, "SIGKILL");
      const result = await resultOf(child);
      assert.match(result.out + result.err, /strace, which traces the task, was killed by SIGKILL/);
      assert.notEqual(result.code, 0);
    });
  },
});
