/** `run` through the command line: outcomes, failures, what is shown, and what a command sees. */

import assert from "node:assert/strict";
import { inProject, outcomes } from "../cli.ts";

const sh = (script: string, inputs: object = {}, outputs: string[] = ["o"]) => {
  return { kind: "command", params: { argv: ["sh", "-c", script] }, inputs, outputs };
};

Deno.test("what a run tells: every action, then the sums, as --json and as plain lines", async () => {
  await inProject(async (project) => {
    project.write("words.txt", "a b\n");
    project.workflow({
      upper: sh("tr a-z A-Z < in/text > out/o", { text: "file:words.txt" }),
      count: sh("wc -w < in/text > out/o", { text: "upper.o" }),
    });
    const first = await project.run();
    assert.equal(first.code, 0, first.err);
    const { ms, key, ...action } = first.events.find(({ event, id }) =>
      event === "action" && id === "count"
    )!;
    assert.deepEqual(action, {
      event: "action",
      id: "count",
      outcome: "ran",
      reason: "it has not been run before",
    });
    assert.ok(Number.isInteger(ms) && /^[0-9a-f]{64}$/.test(key));
    const { ms: total, run, savedMs, ...done } = first.events.at(-1)!;
    const sums = { ran: 2, reused: 0, joined: 0, failed: 0, skipped: 0 };
    assert.deepEqual(done, { event: "done", ...sums, store: project.path("store") });
    assert.ok(total > 0 && savedMs === 0 && /^\d{8}-\d{6}-\d{3}-[0-9a-f]{4}$/.test(run));

    const again = await project.call("run", "probe.ts");
    assert.match(again.out, /^0 ran, 2 reused in .* reuse saved /m);
    // deno-lint-ignore no-control-regex -- there must be none
    assert.doesNotMatch(again.out, /\x1b/);
    const text = await project.call("get", "probe.ts", "count", "results");
    assert.equal(text.code, 0, text.err);
    assert.equal(project.read("results/o").trim(), "2");
  });
});

Deno.test("tasks that do the same run once, and the others say so", async () => {
  await inProject(async (project) => {
    const same = () => sh("echo same > out/o");
    project.workflow({ first: same(), second: same() });
    for (const jobs of ["1", "4"]) {
      const { code, events } = await project.run("--jobs", jobs, "--store", project.path(`store-${jobs}`));
      assert.equal(code, 0);
      const actions = events.filter(({ event }) => event === "action");
      assert.deepEqual(actions.map(({ outcome, reason }) => [outcome, reason]).sort(), [
        ["joined", "was run by another task of this run, which does the same"],
        ["ran", "it has not been run before"],
      ]);
    }
  });
});

Deno.test("a failed task is told with key and log, what depends on it is skipped, the rest goes on", async () => {
  await inProject(async (project) => {
    project.workflow({
      bad: sh("echo before; echo the reason >&2; exit 7"),
      next: sh("cp in/x out/o", { x: "bad.o" }),
      last: sh("cp in/x out/o", { x: "next.o" }),
      other: sh("sleep 0.2; echo ok > out/o"),
      after: sh("cp in/x out/o", { x: "other.o" }),
      silent: sh("true"),
    });
    const result = await project.run("--jobs", "1");
    assert.equal(result.code, 1);
    const expected = {
      bad: "failed",
      next: "skipped",
      last: "skipped",
      other: "ran",
      after: "ran",
      silent: "failed",
    };
    assert.deepEqual(outcomes(result), expected);
    const failed = result.events.find(({ id, outcome }) => id === "bad" && outcome === "failed")!;
    assert.equal(failed.reason, "exit code 7");
    const skipped = result.events.find(({ id, outcome }) => id === "last" && outcome === "skipped");
    const reason = "needs next, which was skipped";
    assert.deepEqual(skipped, { event: "action", id: "last", key: null, outcome: "skipped", ms: 0, reason });
    assert.equal(Deno.readTextFileSync(failed.log), "before\nthe reason\n");
    assert.match(result.events.find(({ id, outcome }) => id === "silent" && outcome)!.reason, /"o".*out\/o/);

    const plain = await project.call("run", "probe.ts");
    assert.match(
      plain.out,
      new RegExp(
        `FAILED  bad  exit code 7\n        key ${failed.key}\n.*\n        \\| before\n        \\| the reason`,
      ),
    );
    assert.match(plain.out, /skipped last {2}\(needs next, which was skipped\)/);
    assert.match(
      (await project.call("plan", "probe.ts", "bad")).out,
      /run +bad .*it failed in its last run/,
    );
    assert.equal((await project.call("log", "probe.ts", "bad")).out, "before\nthe reason\n");

    const stopped = await project.run(
      "--jobs",
      "1",
      "--no-keep-going",
      "--store",
      project.path("other store"),
    );
    assert.equal(outcomes(stopped).after, "skipped");
    assert.equal(stopped.code, 1);
  });
});

Deno.test("a command sees its inputs, a fresh folder and the stated environment, and nothing else", async () => {
  await inProject(async (project) => {
    project.write("folder/a/x.txt", "x");
    project.workflow({
      show: {
        kind: "command",
        params: {
          argv: ["sh", "-c", "env | sort > out/env; find -L in | sort > out/files; ls -A > out/here"],
          env: { STATED: "yes" },
        },
        inputs: { texts: "folder:folder" },
        outputs: ["env", "files", "here"],
      },
      alone: sh("env > out/o; cat in/shown/files >> out/o", { shown: "show.files" }),
    });
    const { code, err } = await project.run("show");
    assert.equal(code, 0, err);
    await project.call("get", "probe.ts", "show", "got");
    const names = project.read("got/env").trim().split("\n").map((line) => line.split("=")[0]);
    assert.deepEqual(names.filter((name) => name !== "PWD"), [
      "CUDA_VISIBLE_DEVICES",
      "HOME",
      "PATH",
      "PROTOFLOW_WORK",
      "STATED",
      "TMPDIR",
    ]);
    assert.equal(project.read("got/files"), "in\nin/texts\nin/texts/a\nin/texts/a/x.txt\n");
    assert.equal(project.read("got/here"), "in\nout\ntmp\n");
  });
});

Deno.test("the command that is shown at the end of a run works as it is, whatever was asked for", async () => {
  await inProject(async (project) => {
    project.workflow(
      {
        a: {
          ...sh("echo $WORD > out/o"),
          params: { argv: ["sh", "-c", "echo $WORD > out/o"], env: { WORD: "w" } },
        },
      },
      { profiles: { loud: { a: { env: { WORD: "it's $HOME [loud]" } } } } },
    );
    const { out } = await project.call("run", "probe.ts", "--profile", "loud", "--set", "a.env.MORE=a 'b' *");
    const [, shown] = /to copy one: deno task (.*)\n/.exec(out)!;
    const shell = new Deno.Command("sh", { args: ["-c", `printf '%s\\n' ${shown}`], cwd: project.folder });
    const args = new TextDecoder().decode(shell.outputSync().stdout).trimEnd().split("\n");
    const got = await project.call(...args);
    assert.equal(got.code, 0, got.err);
    assert.equal(project.read("FOLDER/o"), "it's $HOME [loud]\n");
  });
});

Deno.test("what a task writes that can't be kept is refused by name, and nothing of it is kept", async () => {
  await inProject(async (project) => {
    const bad: Record<string, [string, RegExp]> = {
      link: ["ln -s /etc/passwd out/o", /symbolic link/],
      outside: ["mkdir out/o; ln -s ../../../../etc/passwd out/o/a", /link/],
      up: ["mkdir out/o; ln -s ../../../.. out/o/up", /link to a folder/],
      control: [`mkdir out/o; touch "out/o/$(printf 'a\\nb')"`, /control character/],
      backslash: ["mkdir out/o; touch 'out/o/..\\a'", /backslash/],
      alike: ["mkdir out/o; touch out/o/a out/o/\u0430", /can't be distinguished from/],
      cases: ["mkdir out/o; touch out/o/a out/o/A", /can't be distinguished from/],
      invisible: ["mkdir out/o; touch out/o/a\u200bb", /invisible|character/],
      pipe: ["mkfifo out/o", /device, pipe or socket/],
      nothing: ["true", /"o": expected a file or a folder out\/o$/],
      misnamed: ["touch out/oo out/p", /"o": expected a file or a folder out\/o; it wrote "oo", "p"$/],
    };
    project.workflow(Object.fromEntries(Object.entries(bad).map(([name, [script]]) => [name, sh(script)])));
    const { code, events } = await project.run();
    assert.equal(code, 1);
    for (const [name, [, reason]] of Object.entries(bad)) {
      const outcome = events.find(({ event, id }) => event === "action" && id === name)!;
      assert.equal(outcome.outcome, "failed", name);
      assert.match(outcome.reason, reason);
    }
    assert.equal((await project.call("verify")).code, 0);
    assert.match((await project.call("plan", "probe.ts")).out, /11 would run, 0 may run, 0 kept/);
  });
});

Deno.test("each running task has gpus of its own", async () => {
  await inProject(async (project) => {
    const kind = "gpu_user";
    const task = (name: string) => ({ kind, params: { name }, inputs: {} });
    project.workflow({ a: task("a"), b: task("b"), c: task("c") });
    const child = await project.withEnvironment({ CUDA_VISIBLE_DEVICES: "3,5" }).run();
    assert.equal(child.code, 0, child.err + child.out);
    await project.call("get", "probe.ts", "a", "a");
    await project.call("get", "probe.ts", "b", "b");
    await project.call("get", "probe.ts", "c", "c");
    const given = ["a", "b", "c"].map((name) => JSON.parse(project.read(`${name}/seen`)));
    for (const { visible, gpus } of given) {
      assert.deepEqual(visible.split(","), gpus);
      assert.ok(["3", "5"].includes(visible));
    }
    // Two run at once on two devices, so the two that overlap must differ.
    for (const one of given) {
      for (const other of given) {
        const overlap = one !== other && one.from < other.to && other.from < one.to;
        if (overlap) assert.notEqual(one.visible, other.visible);
      }
    }
  });
});

Deno.test("names that are not known are met with the nearest known one, and exit code 2", async () => {
  await inProject(async (project) => {
    project.workflow({ upper: sh("echo > out/o") });
    const wrong: [string[], RegExp][] = [
      [["rnu", "probe.ts"], /unknown command 'rnu'[^]*Did you mean run/],
      [["run", "probe.ts", "--jbos", "2"], /unknown option '--jbos'[^]*Did you mean --jobs/],
      [["run", "probe.ts", "uper"], /has no task "uper"; did you mean "upper"/],
      [["run", "prob.ts"], /there is no workflow "prob.ts"[^]*did you mean probe.ts\?/],
      [["run", "../nowhere/probe.ts"], /there is no workflow [^]* is not there\n/],
      [["plan", "probe"], /there is no workflow "probe"[^]*did you mean .\/probe.ts\?/],
      [["run", "probe.ts", "--jobs", "0"], /expected a whole number, 1 or more/],
      [["run", "probe.ts", "--set", "uper.argv=1"], /uper[^]*did you mean upper/],
      [
        ["get", "probe.ts", "upper.x", "there"],
        /no result of upper: it has not been run before; run it with: deno task run probe.ts upper/,
      ],
      [["diff", "1", "2"], /there is no run "1"; nothing was run yet/],
      [["gc", "--older-than", "30"], /--older-than: given "30", expected an age such as 30d/],
      [["verify", "--frozen"], /need a workflow/],
      [["graph", "probe.ts", "--format", "png"], /mermaid, dot, svg/],
    ];
    for (const [args, message] of wrong) {
      const { code, err } = await project.call(...args);
      assert.match(err, message);
      assert.equal(code, 2, `${args.join(" ")}: ${err}`);
      assert.doesNotMatch(err, /\n\s+at /);
    }
  });
});
