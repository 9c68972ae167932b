/** Isolated tasks, where the system allows them: what they can read and write, and what becomes of those that try more. */
import assert from "node:assert/strict";
import sharp from "sharp";
import {
  exists,
  inProject,
  outcomes,
  type Project,
  type Result,
  resultOf,
  until,
  untilEvent,
} from "../cli.ts";

const LARGE_BYTES = 65 << 20;

const sh = (script: string, inputs: object = {}, env: object = {}) => {
  return { kind: "command", params: { argv: ["sh", "-c", script], env }, inputs, outputs: ["o"] };
};

/** "isolated" or "compared", as `show` says of the task `a`. */
async function modeOf(project: Project, task = "a"): Promise<string | undefined> {
  return /^inputs +(\w+)/m.exec((await project.call("show", "probe.ts", task)).out)?.[1];
}

async function canIsolate(): Promise<boolean> {
  let mode: string | undefined;
  await inProject(async (project) => {
    project.workflow({ a: sh("echo > out/o") });
    await project.run();
    mode = await modeOf(project);
  });
  return mode === "isolated";
}

const isolated = await canIsolate();
const test = (name: string, body: (project: Project) => Promise<void>) =>
  Deno.test({
    name: isolated ? name : `${name} (this system does not let tasks be isolated)`,
    ignore: !isolated,
    fn: () => inProject(body),
  });

async function output(project: Project, task = "a"): Promise<string> {
  const [shown] = (await project.call("show", "probe.ts", task, "--json")).events;
  return Deno.readTextFileSync(shown.paths.o[""]);
}

function assertAllRan(result: Result): void {
  assert.equal(result.code, 0, result.out + result.err);
  assert.ok(Object.values(outcomes(result)).every((outcome) => outcome === "ran"));
}

test("a file that is no input can't be read by any path, and the failure says what to do", async (project) => {
  project.write("secret", "secret");
  project.write("words", "words");
  const [path, up] = [project.path("secret"), "../".repeat(30) + project.path("secret").slice(1)];
  const home = Deno.env.get("HOME")!;
  const ways: Record<string, string> = {
    absolute: `cat ${path}`,
    parents: `cat ${up}`,
    link: `ln -s ${path} tmp/link; cat tmp/link`,
    hard: `ln ${path} tmp/hard && cat tmp/hard`,
    copy: `cp ${path} tmp/copy`,
    move: `mv ${path} tmp/moved`,
    folder: `ls ${project.folder}`,
    home: `ls ${home}`,
    program: `cp /bin/true tmp/true && cat ${path} | tmp/true`,
    descriptor: `exec 3< ${path}`,
    store: `cat ${project.path("store")}/blobs/*/*`,
    process: `cat /proc/$PPID/root${path}`,
  };
  project.workflow(
    Object.fromEntries(
      Object.entries(ways).map(([name, way]) => [name, sh(`${way} > out/o`, { words: "file:words" })]),
    ),
  );
  const result = await project.run();
  const ended = Object.entries(outcomes(result));
  assert.deepEqual(ended.filter(([name, outcome]) => outcome !== "failed" && name !== "program"), []);
  const { reason } = result.events.find(({ event, id }) => event === "action" && id === "absolute")!;
  assert.match(reason, /^exit code 1; an isolated task reads only its inputs.*docs\/isolation\.md/);
  assert.equal(project.read("secret"), "secret");
});

test("nothing outside of the work folder can be written, as root neither", async (project) => {
  project.write("photo", "mine");
  const { ino, mtime } = Deno.statSync(project.path("photo"));
  const made = project.path("made");
  const tries = [
    `echo x > ${made}`,
    `echo x >> ${project.path("photo")}`,
    `rm -f ${project.path("photo")}`,
    `chmod 777 ${project.path("photo")}`,
    `touch ${project.path("photo")}`,
    `mkdir ${project.path("store")}/records/x`,
    `mount -o remount,rw / && echo x > ${made}`,
    `umount -l ${project.path("store")} && echo x > ${made}`,
    `unshare -Urm sh -c 'mount -o remount,rw /; echo x > ${made}'`,
  ];
  project.workflow({ a: sh(`${tries.map((line) => `(${line})`).join("; ")}; echo done > out/o`) });
  assertAllRan(await project.run());
  const now = Deno.statSync(project.path("photo"));
  assert.deepEqual([now.ino, now.mtime], [ino, mtime]);
  assert.equal(project.read("photo"), "mine");
  assert.ok(!exists(made));
});

test("large inputs are mounted read-only: a source, a folder, and an output of another task", async (project) => {
  Deno.mkdirSync(project.path("photos/below"), { recursive: true });
  for (const path of ["large", "photos/below/large"]) {
    project.write(path, "first bytes");
    Deno.truncateSync(project.path(path), LARGE_BYTES);
  }
  project.write("photos/small", "small");
  const { ino, mtime, mode } = Deno.statSync(project.path("large"));
  project.workflow({
    make: sh(
      `mkdir out/o; truncate -s ${LARGE_BYTES} out/o/large; truncate -s 40M out/o/a; echo end > out/o/b`,
    ),
    a: sh(
      `for file in in/file in/photos/below/large in/made/large in/made/a in/made/b; do
        chmod 777 $file; echo x >> $file; sed -i s/first/other/ $file; rm -f $file
      done
      head -c 11 in/file > out/o; head -c 11 in/photos/below/large >> out/o; cat in/photos/small in/made/b >> out/o
      wc -c < in/made/large >> out/o; ls -l in/made | grep -c ^-r-- >> out/o`,
      { file: "file:large", photos: "folder:photos", made: "make.o" },
    ),
    next: sh("wc -c < in/made/a > out/o", { made: "make.o" }),
  });
  const result = await project.run();
  assertAllRan(result);
  assert.equal(await output(project), `first bytesfirst bytessmallend\n${LARGE_BYTES}\n3\n`);
  assert.equal((await output(project, "next")).trim(), String(40 << 20));
  const now = Deno.statSync(project.path("large"));
  assert.deepEqual([now.ino, now.mtime, now.mode], [ino, mtime, mode]);
  assert.equal((await project.call("verify")).code, 0);
  assert.equal((await project.call("verify", "probe.ts", "--rebuild")).code, 0);
});

test("a work folder is a usual one: files move between its folders, and shared memory is the task's own", async (project) => {
  const script =
    "echo x > tmp/x; mv tmp/x out/o; ln out/o tmp/y; ls /dev/shm | wc -l >> out/o; echo left > /dev/shm/left";
  // One after the other, in one work folder.
  project.workflow({ a: sh(script), b: sh(`: b; ${script}`), c: sh(`: c; ${script}`) });
  assertAllRan(await project.run("--jobs", "1"));
  for (const task of ["a", "b", "c"]) {
    assert.equal((await output(project, task)).replaceAll(" ", ""), "x\n0\n");
  }
});

test("a process that gave up session, environment and working folder ends with its task, and no other's", async (project) => {
  const running = (name: string) =>
    [...Deno.readDirSync("/proc")].filter(({ name: pid }) => {
      try {
        return /^\d+$/.test(pid) && Deno.readTextFileSync(`/proc/${pid}/cmdline`).startsWith(name);
      } catch {
        return false; // One that has just ended.
      }
    }).length;
  const names = ["a", "b"].map((task) => `${task}-${crypto.randomUUID()}`);
  // It has given up all once it has its new name.
  const daemon = (name: string) =>
    `env -i setsid bash -c 'cd /; exec -a ${name} sleep 600' &
    until grep -lsa ^${name} /proc/[0-9]*/cmdline; do sleep 0.02; done`;
  project.workflow({
    a: sh(`${daemon(names[0])} > out/o`),
    b: sh(`${daemon(names[1])} > out/o; while [ ! -e ${project.path("end")} ]; do sleep 0.02; done`),
  });
  const child = project.spawn("run", "probe.ts", "--json", "--jobs", "2");
  await untilEvent(child, ({ event, id, outcome }) => event === "action" && id === "a" && outcome === "ran");
  await until(() => running(names[1]) === 1, "the other task has begun");
  assert.equal(running(names[0]), 0);
  project.write("end", "");
  await until(() => running(names[1]) === 0, "the other task has ended");
  assert.ok((await child.status).success);
});

test("a store in shared memory works too, and shared memory is the task's own", async (project) => {
  const store = Deno.makeTempDirSync({ dir: "/dev/shm" });
  const left = `left-${crypto.randomUUID()}`;
  try {
    project.write("words", "words");
    const tasks = ["a", "b"].map((name) => {
      const script = `: ${name}; cat in/words > out/o; ! [ -e /dev/shm/${left} ] && echo > /dev/shm/${left}`;
      return [name, sh(script, { words: "file:words" })];
    });
    project.workflow(Object.fromEntries(tasks));
    assertAllRan(await project.run("--jobs", "1", "--store", `${store}/store`));
    assert.ok(!exists(`/dev/shm/${left}`));
  } finally {
    Deno.removeSync(store, { recursive: true });
  }
});

test("a program outside of the system's folders reads its own installation, and nothing beside it", async (project) => {
  project.write(
    "tools/bin/greet",
    '#!/bin/sh\ncat "$(dirname "$0")/../lib/greeting"; cat "$(dirname "$0")/../data"\n',
  );
  project.write("tools/lib/greeting", "hello");
  project.write("tools/data", " and more");
  Deno.chmodSync(project.path("tools/bin/greet"), 0o755);
  const PATH = `${project.path("tools/bin")}:/usr/bin:/bin`;
  project.workflow({
    a: { kind: "command", params: { argv: [project.path("tools/bin/greet")] }, outputs: [] },
    b: sh("greet > out/o || true", {}, { PATH }),
  });
  const result = await project.run();
  assert.equal(outcomes(result).a, "failed");
  assert.match((await project.call("log", "probe.ts", "a")).out, /^hello/);
  assert.equal(await output(project, "b"), "hello");
});

test("a large source with links that lead out of it and back is read where it is, and compared", async (project) => {
  const sources = { absolute: project.path("absolute/large"), back: "../back/large", inside: "large" };
  for (const [name, target] of Object.entries(sources)) {
    project.write(`${name}/large`, "");
    Deno.truncateSync(project.path(`${name}/large`), LARGE_BYTES);
    Deno.symlinkSync(target, project.path(`${name}/photo`));
  }
  project.workflow(
    Object.fromEntries(
      Object.keys(sources).map((
        name,
      ) => [name, sh(`: ${name}; wc -c < in/x/photo > out/o`, { x: `folder:${name}` })]),
    ),
  );
  assertAllRan(await project.run());
  const modes = await Promise.all(Object.keys(sources).map((name) => modeOf(project, name)));
  assert.deepEqual(modes, ["compared", "compared", "isolated"]);
  for (const name of Object.keys(sources)) {
    assert.equal((await output(project, name)).trim(), String(LARGE_BYTES));
  }
});

test("a kind reads its module's code and its inputs, writes to its scratch folder, and is isolated", async (project) => {
  project.write("texts/a", "aaa");
  project.workflow({
    a: { kind: "lengths", inputs: { texts: "folder:texts" } },
    flaky: { kind: "flaky", params: { failures: 2 } },
  });
  assertAllRan(await project.run());
  assert.deepEqual([await modeOf(project), await modeOf(project, "flaky")], ["isolated", "isolated"]);
});

test("a native library can't read what the permissions of a kind forbid", async (project) => {
  const path = project.path("image.png");
  await sharp({ create: { width: 3, height: 2, channels: 3, background: "red" } }).png().toFile(path);
  project.workflow({ image: { kind: "image_reader", params: { path } } });
  assert.deepEqual(outcomes(await project.run()), { image: "failed" });
  const open = project.withEnvironment({ PROTOFLOW_ISOLATION: "off" });
  assert.deepEqual(outcomes(await open.run()), { image: "ran" });
});

test("a task ends with the process that starts tasks, and the next run does what is missing", async (project) => {
  const marked = project.withEnvironment({ PROBE: project.folder });
  const having = (variable: string, program: string) =>
    [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
      try {
        return Deno.readTextFileSync(`/proc/${pid}/environ`).includes(variable) &&
          Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes(program);
      } catch {
        return false; // Another user's process, or one that has just ended.
      }
    });
  const tasks = () => having(`PROTOFLOW_WORK=${project.path("store")}`, "sleep");
  project.workflow({
    a: sh("[ -e in/x/go ] || { setsid sleep 600 & sleep 600; }; echo > out/o", { x: "folder:gate" }),
  });
  Deno.mkdirSync(project.path("gate"));
  const child = marked.spawn("run", "probe.ts", "--json");
  await until(() => tasks().length > 1, "the task runs");
  for (const pid of having(`PROBE=${project.folder}`, "launcher_process.ts")) Deno.kill(pid, "SIGKILL");
  const { out, code } = await resultOf(child);
  assert.equal(code, 1, out);
  // Under load it is killed before it has told that the task has begun.
  assert.match(out, /killed by SIGKILL|the process that starts isolated tasks has ended/);
  assert.deepEqual(tasks(), []);
  project.write("gate/go", "");
  assert.deepEqual(outcomes(await project.run()), { a: "ran" });
});

Deno.test({
  name: "where tasks can't be isolated, the run and show say why",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inProject(async (project) => {
      const without = project.withEnvironment({ PATH: project.folder });
      without.workflow({ a: sh("echo > out/o") });
      const result = await without.run();
      assertAllRan(result);
      const why = /^warning: tasks could not be isolated \((the program unshare can't be started: .*)\): /
        .exec(result.err);
      assert.ok(why, result.err);
      assert.equal(result.err.split("\n").length, 2);
      const { out } = await without.call("show", "probe.ts", "a");
      assert.ok(out.includes(`\ninputs    compared (not isolated: ${why[1]})\n`), out);
      assert.equal((await without.run()).err, "");
    }),
});

Deno.test("isolation can be turned off, and show says so", async () => {
  await inProject(async (project) => {
    const open = project.withEnvironment({ PROTOFLOW_ISOLATION: "off" });
    open.workflow({ a: sh("echo > out/o") });
    assertAllRan(await open.run());
    assert.equal(await modeOf(open), "compared");
  });
});
