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
  for (let i = 0; i < 100 && alive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 10));
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
    // Held for longer than the longest time between two looks: this process may have had more itself.
    const script =
      "const held = new Uint8Array(400e6).fill(1); const t = Date.now(); while (Date.now() - t < 700); held.at(0);";
    Deno.writeTextFileSync(join(cwd, "eat.js"), script);
    const result = await runProcess({
      argv: [Deno.execPath(), "run", "eat.js"],
      env: { ...env, HOME: cwd },
      cwd,
      logFile,
    });
    assert.deepEqual(result.reason, { kind: "ok" }, Deno.readTextFileSync(logFile));
    assert.ok(result.cpuMs > 100 && result.ms > 100, `${result.cpuMs} ms of CPU in ${result.ms} ms`);
    assert.ok(result.peakBytes > 400e6 && result.peakBytes < 1e9, `${result.peakBytes} bytes`);
  });
});

Deno.test("a time limit ends the whole tree, also what ignores SIGTERM", async () => {
  await inFolder(async (cwd, logFile) => {
    const argv = ["sh", "-c", "trap '' TERM; sleep 60 & echo $! > child; wait; sleep 60"];
    const result = await runProcess({ argv, env, cwd, logFile, timeLimitMs: 200 });
    assert.deepEqual(result.reason, { kind: "time-limit", limitMs: 200 });
    assert.ok(result.ms < 5000);
    assert.ok(await gone(Number(Deno.readTextFileSync(join(cwd, "child")))));
  });
});

Deno.test("what a child leaves running in the background ends with it", async () => {
  await inFolder(async (cwd, logFile) => {
    const result = await runProcess({ argv: ["sh", "-c", "sleep 60 & echo $! > child"], env, cwd, logFile });
    assert.deepEqual(result.reason, { kind: "ok" });
    assert.ok(await gone(Number(Deno.readTextFileSync(join(cwd, "child")))));
  });
});

Deno.test("an abort interrupts, a signal is named, a program that is not there is said to be missing", async () => {
  await inFolder(async (cwd, logFile) => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 50);
    const interrupted = await runProcess({ argv: ["sleep", "60"], env, cwd, logFile, signal: abort.signal });
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
      // Daemons: their parents are gone, they lead sessions of their own, and one starts another.
      const daemons =
        `setsid sh -c 'sh -c "echo \\$\\$ > inner; exec sleep 60" & echo $$ > outer; sleep 60' &`;
      const script = `${daemons} while [ ! -s inner -o ! -s outer ]; do sleep 0.01; done`;
      const other = runProcess({
        argv: ["sh", "-c", "(setsid sleep 0.5 && touch survived) & sleep 0.8"],
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
      for (const name of ["outer", "inner"]) {
        const pid = Number(Deno.readTextFileSync(join(cwd, name)));
        assert.throws(
          () => Deno.statSync(`/proc/${pid}`),
          Deno.errors.NotFound,
          `${name} is gone, and no zombie`,
        );
      }
      assert.deepEqual((await other).reason, { kind: "ok" });
      assert.ok(Deno.statSync(join(cwd, "survived")).isFile);
    });
  },
});
