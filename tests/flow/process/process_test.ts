/** runProcess: how a child ended, what it used, what it logged, and that nothing of it is left. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { runProcess } from "../../../lib/flow/process/process.ts";

const env = { PATH: "/usr/bin:/bin" };

async function inFolder(body: (cwd: string, logFile: string) => Promise<void>): Promise<void> {
  const cwd = Deno.makeTempDirSync();
  try {
    await body(cwd, join(cwd, "log"));
  } finally {
    Deno.removeSync(cwd, { recursive: true });
  }
}

/** Shell code that ends once there is such a file. */
const untilThere = (name: string) => `while [ ! -e ${name} ]; do sleep 0.01; done`;

const alive = (pid: number) => {
  const state = (() => {
    try {
      return /^State:\s+(\S)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
    } catch {
      return undefined;
    }
  })();
  return state !== undefined && state !== "Z";
};

async function gone(pid: number): Promise<boolean> {
  for (let looks = 0; looks < 3000 && alive(pid); looks++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return !alive(pid);
}

Deno.test("the log holds both streams, and the environment only what is stated", async () => {
  await inFolder(async (cwd, logFile) => {
    const argv = ["sh", "-c", "env; echo err >&2; pwd; exit 3"];
    const result = await runProcess({ argv, env: { ...env, GREETING: "hello" }, cwd, logFile });
    assert.deepEqual(result.reason, { kind: "exit", code: 3 });
    const lines = Deno.readTextFileSync(logFile).trim().split("\n");
    assert.ok(lines.includes("err") && lines.includes(cwd) && lines.includes("GREETING=hello"));
    const names = lines.filter((line) => line.includes("=")).map((line) => line.split("=")[0]);
    assert.deepEqual(names.filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name)).sort(), [
      "GREETING",
      "PATH",
    ]);
  });
});

Deno.test("CPU time and peak memory are those of the child", async () => {
  await inFolder(async (cwd, logFile) => {
    // It computes, and so holds it, for longer than the longest time between two looks: this process may have had more.
    const script = "import process from 'node:process';" +
      "const held = new Uint8Array(400e6).fill(1); const used = process.cpuUsage();" +
      "while (process.cpuUsage(used).user < 700e3); held.at(0);";
    Deno.writeTextFileSync(join(cwd, "eat.js"), script);
    const result = await runProcess({
      argv: [Deno.execPath(), "run", "eat.js"],
      env: { ...env, HOME: cwd },
      cwd,
      logFile,
    });
    assert.deepEqual(result.reason, { kind: "ok" }, Deno.readTextFileSync(logFile));
    // What the child has counted itself is the least that its parent must count.
    assert.ok(result.cpuMs >= 700 && result.ms > 0, `${result.cpuMs} ms of CPU in ${result.ms} ms`);
    assert.ok(result.peakBytes > 400e6 && result.peakBytes < 1e9, `${result.peakBytes} bytes`);
  });
});

Deno.test("a time limit ends the whole tree, also what ignores SIGTERM", async () => {
  await inFolder(async (cwd, logFile) => {
    const argv = ["sh", "-c", "trap '' TERM; sleep 600 & echo $! > child; wait; sleep 600; touch over"];
    const result = await runProcess({ argv, env, cwd, logFile, timeLimitMs: 200 });
    assert.deepEqual(result.reason, { kind: "time-limit", limitMs: 200 });
    assert.throws(() => Deno.statSync(join(cwd, "over")), Deno.errors.NotFound);
    assert.ok(await gone(Number(Deno.readTextFileSync(join(cwd, "child")))));
  });
});

Deno.test("what a child leaves running in the background ends with it", async () => {
  await inFolder(async (cwd, logFile) => {
    const result = await runProcess({ argv: ["sh", "-c", "sleep 600 & echo $! > child"], env, cwd, logFile });
    assert.deepEqual(result.reason, { kind: "ok" });
    assert.ok(await gone(Number(Deno.readTextFileSync(join(cwd, "child")))));
  });
});

Deno.test("an abort interrupts, a signal is named, a program that is not there is said to be missing", async () => {
  await inFolder(async (cwd, logFile) => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 50);
    const interrupted = await runProcess({ argv: ["sleep", "600"], env, cwd, logFile, signal: abort.signal });
    assert.deepEqual(interrupted.reason, { kind: "interrupted" });
    const killed = await runProcess({ argv: ["sh", "-c", "kill -SEGV $$"], env, cwd, logFile });
    assert.deepEqual(killed.reason, { kind: "signal", signal: "SIGSEGV" });
    const absent = await runProcess({ argv: ["no-such-program"], env, cwd, logFile });
    assert.match(
      (absent.reason as { message: string }).message,
      /"no-such-program" is not found on PATH \(\/usr\/bin:\/bin\)/,
    );
  });
});

Deno.test("a pipe that closes ends the writer: SIGPIPE is not ignored in the child", async () => {
  await inFolder(async (cwd, logFile) => {
    const argv = ["bash", "-c", "yes | head -n 1 >/dev/null; echo ${PIPESTATUS[0]}"];
    await runProcess({ argv, env, cwd, logFile });
    assert.equal(Deno.readTextFileSync(logFile).trim(), String(128 + 13));
  });
});

Deno.test("a log without end is cut to its last part", async () => {
  await inFolder(async (cwd, logFile) => {
    const argv = ["sh", "-c", "seq 1 300000; echo the end"];
    await runProcess({ argv, env, cwd, logFile, logLimitBytes: 100_000 });
    const log = Deno.readTextFileSync(logFile);
    assert.ok(log.length < 110_000 && log.endsWith("the end\n"));
    assert.match(log, /^\[the first \d+ bytes of this log were left out\]/);
  });
});

Deno.test({
  name: "what leaves the session of an action ends with it too, and what belongs to another one stays",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await inFolder(async (cwd, logFile) => {
      const mark = { WORK: `${cwd}/own` };
      // Daemons: their parents are gone, they lead sessions of their own, one starts another, one has no environment.
      const daemons =
        `setsid sh -c 'sh -c "echo \\$\\$ > inner; exec sleep 600" & echo $$ > outer; sleep 600' &
        env -i setsid sh -c 'echo $$ > bare; exec sleep 600' &`;
      const script = `${daemons} while [ ! -s inner -o ! -s outer -o ! -s bare ]; do sleep 0.01; done`;
      const other = runProcess({
        argv: [
          "sh",
          "-c",
          `(setsid sh -c '${untilThere("go")}' && touch survived) & ${untilThere("survived")}`,
        ],
        env: { ...env, WORK: `${cwd}/other` },
        mark: { WORK: `${cwd}/other` },
        cwd,
        logFile,
      });
      const result = await runProcess({
        argv: ["sh", "-c", script],
        env: { ...env, ...mark },
        mark,
        cwd,
        logFile,
      });
      assert.deepEqual(result.reason, { kind: "ok" });
      for (const name of ["outer", "inner", "bare"]) {
        const pid = Number(Deno.readTextFileSync(join(cwd, name)));
        assert.throws(
          () => Deno.statSync(`/proc/${pid}`),
          Deno.errors.NotFound,
          `${name} is gone, and no zombie`,
        );
      }
      Deno.writeTextFileSync(join(cwd, "go"), "");
      assert.deepEqual((await other).reason, { kind: "ok" });
      assert.ok(Deno.statSync(join(cwd, "survived")).isFile);
    });
  },
});
