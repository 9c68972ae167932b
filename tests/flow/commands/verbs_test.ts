/** The verbs that look: plan, why, show, log, graph, diff, verify, gc and pin. */

import assert from "node:assert/strict";
import { Store } from "../../../lib/flow/store/store.ts";
import { singleFileDigest } from "../../../lib/flow/store/digest.ts";
import type { Manifest } from "../../../lib/flow/store/types.ts";
import { inProject, outcomes, type Project } from "../cli.ts";

const sh = (script: string, inputs: object = {}, outputs: string[] = ["o"]) => {
  return { kind: "command", params: { argv: ["sh", "-c", script] }, inputs, outputs };
};

function words(project: Project, text: string, suffix = "words"): void {
  project.write("words.txt", text);
  project.workflow({
    upper: sh("echo working; tr a-z A-Z < in/text > out/o", { text: "file:words.txt" }),
    count: sh(`printf '{"words":%d}' $(wc -w < in/text) > out/o`, { text: "upper.o" }),
    report: sh(`sed 's/$/ ${suffix}/' in/n > out/o`, { n: "count.o" }),
  });
}

Deno.test("plan says what would run and why, with time, and changes nothing", async () => {
  await inProject(async (project) => {
    words(project, "one two\n");
    const fresh = await project.call("plan", "probe.ts");
    assert.match(
      fresh.out,
      /run +upper +it has not been run before\nmay run +count +after upper\nmay run +report +after count\n1 would run, 2 may run, 0 kept\n/,
    );
    await project.run();
    assert.equal((await project.call("plan", "probe.ts")).out, "nothing to do: all of 3 tasks kept\n");

    words(project, "one two\n", "words in all");
    const changed = await project.call("plan", "probe.ts");
    assert.match(
      changed.out,
      /^run {2}report {2}0\.\d s {2}param argv: .*words.* → .*words in all.*\n1 would run, 0 may run, 2 kept; they took 0\.\d s before\n$/,
    );
    const { events } = await project.call("plan", "probe.ts", "--json");
    assert.deepEqual(events.map(({ id, state }) => [id, state]), [["upper", "kept"], ["count", "kept"], [
      "report",
      "run",
    ]]);
    assert.equal((await project.call("plan", "probe.ts")).out, changed.out, "planning has run nothing");

    project.write("words.txt", "three\n");
    const edited = await project.call("plan", "probe.ts");
    assert.match(
      edited.out,
      /run +upper .*input text \(words.txt\) changed\nmay run +count .*after upper\nmay run +report .*after count/,
    );
    assert.match((await project.call("plan", "probe.ts", "count")).out, /1 would run, 1 may run, 0 kept/);
  });
});

Deno.test("why names what differs from the nearest other run in at most five lines", async () => {
  await inProject(async (project) => {
    words(project, "one two\n");
    await project.run();
    project.write("words.txt", "one two three\n");
    const { out } = await project.call("why", "probe.ts", "upper");
    assert.match(
      out,
      /^upper would run as [0-9a-f]{16}, against [0-9a-f]{16}:\n {2}input text \(words.txt\) changed\n$/,
    );
    assert.match(
      (await project.call("why", "probe.ts", "report")).out,
      /^report may run, after\n {2}upper: input text/,
    );
    await project.run();
    const kept = await project.call("why", "probe.ts", "upper");
    assert.match(kept.out, /^upper is kept as .*, against .*:\n {2}input text \(words.txt\) changed\n$/);
  });
});

Deno.test("show and log tell all that is known of a result", async () => {
  await inProject(async (project) => {
    words(project, "one two\n");
    await project.run();
    const { out } = await project.call("show", "probe.ts", "upper");
    for (
      const line of [
        /^task +upper \(kept\)/m,
        /^key +[0-9a-f]{64}$/m,
        /"kind": "command"/,
        /^output +o +[0-9a-f]{64} +8 B +\/.*blobs/m,
        /^log +working$/m,
      ]
    ) {
      assert.match(out, line);
    }
    assert.equal((await project.call("log", "probe.ts", "upper")).out, "working\n");
    const [{ record }] = (await project.call("show", "probe.ts", "upper", "--json")).events;
    assert.ok(record.facts.ms >= 0 && record.facts.host && record.facts.cpuMs >= 0);
  });
});

Deno.test("show and log fall back to the last run of a task that failed, or that has changed since", async () => {
  await inProject(async (project) => {
    const define = (word: string) =>
      project.workflow({
        first: sh(`echo ${word}; mkdir out/o; echo ${word} | tee out/o/a > out/o/b`),
        bad: sh(`echo no ${word}; exit 4`, { x: "first.o" }),
        never: sh("echo > out/o", { x: "bad.o" }),
      });
    define("one");
    const { run } = (await project.run()).events.at(-1)!;
    const failed = await project.call("show", "probe.ts", "bad");
    assert.match(failed.out, /^task +bad \(would run: it failed in its last run\)$/m);
    assert.match(failed.out, new RegExp(`^last run +${run}, .*Z, failed: exit code 4$`, "m"));
    assert.match(failed.out, /^log +no one$/m);
    const folder = await project.call("show", "probe.ts", "first");
    assert.match(folder.out, /^output +o .* 2 files\n +a {2}\/.*blobs.*\n +b {2}\/.*blobs/m);

    define("two");
    const changed = await project.call("log", "probe.ts", "first");
    assert.equal(changed.out, "one\n");
    assert.match(
      changed.err,
      new RegExp(`^note: first was last run at .* in run ${run}; it would run again now.*one.* → .*two`),
    );
    const behind = await project.call("log", "probe.ts", "bad");
    assert.deepEqual([behind.code, behind.out], [0, "no one\n"]);
    assert.match(behind.err, /failed: exit code 4; it would run again now: first must run first/);
    const [shown] = (await project.call("show", "probe.ts", "first", "--json")).events;
    assert.deepEqual([shown.state, shown.lastRun.run], ["run", run]);
    assert.equal(shown.lastRun.record.outputs.o.files, 2);

    const never = await project.call("log", "probe.ts", "never");
    assert.equal(never.code, 2);
    assert.match(
      never.err,
      /no result of never: bad must run first; run it with: deno task run probe.ts never/,
    );
  });
});

Deno.test("graph draws the tasks with the colour of their state", async () => {
  await inProject(async (project) => {
    project.workflow({
      ok: sh("echo > out/o"),
      bad: sh("exit 1", { x: "ok.o" }),
      next: sh("true", { x: "bad.o" }),
    });
    await project.run();
    const mermaid = (await project.call("graph", "probe.ts")).out;
    for (const part of ["flowchart TD", "n0 --> n1", "class n0 kept", "class n1 failed", "class n2 mayrun"]) {
      assert.ok(mermaid.includes(part), part);
    }
    const dot = (await project.call("graph", "probe.ts", "--format", "dot")).out;
    assert.match(dot, /^digraph "probe" \{[^]*"ok" -> "bad";[^]*\}\n$/);
    const svg = (await project.call("graph", "probe.ts", "--format", "svg")).out;
    assert.match(svg, /^<svg [^]*<title>bad: failed<\/title>[^]*<\/svg>\n$/);
  });
});

Deno.test("graph draws all members of a task as one box, which says how many of them are in which state", async () => {
  await inProject(async (project) => {
    const env = { SEED: { $axis: "seed" } };
    const argv = ["sh", "-c", "echo $SEED > out/o"];
    project.workflow({
      one: { kind: "command", params: { argv, env }, outputs: ["o"] },
      two: { kind: "command", params: { argv, env }, inputs: { x: "one.o" }, outputs: ["o"] },
    }, { matrix: { seed: [1, 2, 3] } });
    await project.run("--set", "matrix.seed=2");
    const svg = (await project.call("graph", "probe.ts", "--format", "svg")).out;
    assert.match(svg, /<title>one: 2 run, 1 kept<\/title>[^]*>one × 3<\/text>/);
    assert.equal(svg.match(/<rect/g)?.length, 2);
    assert.equal(svg.match(/<path/g)?.length, 1);
    const mermaid = (await project.call("graph", "probe.ts")).out;
    assert.match(mermaid, /n0\["one × 3<br\/>[^]*n0 --> n1\n/);
  });
});

Deno.test("graph draws rows of the same stages once where there are many, and few tasks as they are", async () => {
  await inProject(async (project) => {
    const rows = (count: number) =>
      project.workflow(Object.assign(
        { data: sh("echo > out/o") },
        ...Array.from({ length: count }, (_, i) => ({
          [`row-${i}-train`]: sh("echo > out/o", { x: "data.o" }),
          [`row-${i}-test`]: sh("echo > out/o", { x: `row-${i}-train.o`, y: "data.o" }),
        })),
      ));
    const boxes = async () =>
      (await project.call("graph", "probe.ts", "--format", "svg")).out.match(/<rect/g)?.length;
    rows(20);
    assert.equal(await boxes(), 41);
    rows(40);
    const { out } = await project.call("graph", "probe.ts", "--format", "svg");
    assert.equal(out.match(/<rect/g)?.length, 3);
    assert.equal(out.match(/<path/g)?.length, 3);
    assert.match(out, /<title>row-0-train, row-1-train, .*: 40 may-run<\/title>[^]*…-train × 40<\/text>/);
  });
});

Deno.test("verify finds damage, --frozen what would run, --rebuild what does not come out reproduced", async () => {
  await inProject(async (project) => {
    project.workflow({
      same: sh("echo same > out/o"),
      random: sh("cat /proc/sys/kernel/random/uuid > out/o"),
    });
    assert.equal((await project.call("verify", "probe.ts", "--frozen")).code, 3);
    await project.run();
    assert.equal((await project.call("verify", "probe.ts", "--frozen")).code, 0);
    const rebuilt = await project.call("verify", "probe.ts", "--rebuild", "same", "random");
    assert.equal(rebuilt.code, 3);
    assert.match(
      rebuilt.out,
      new RegExp(
        "^ran +same  0\\.\\d s  \\(reproduced\\)\nran +random  0\\.\\d s  \\(not reproduced\\)\n" +
          "2 ran, 0 reused in .* s\nrandom: output o differs: [0-9a-f]{16} kept, [0-9a-f]{16} new\n$",
      ),
    );
    assert.equal((await project.call("verify", "probe.ts", "--rebuild", "same")).code, 0);
    const all = await project.call("verify", "probe.ts", "--rebuild", "--json");
    assert.deepEqual(all.events.map(({ event, id }) => id ? `${event} ${id}` : event), [
      "start",
      ...["same", "random"].flatMap((id) => [`running ${id}`, `action ${id}`, `rebuild ${id}`]),
      "done",
    ]);

    const [{ record }] = (await project.call("show", "probe.ts", "same", "--json")).events;
    const { digest } = record.outputs.o.file;
    const blob = project.path(`store/blobs/${digest.slice(0, 2)}/${digest}`);
    Deno.chmodSync(blob, 0o644);
    Deno.writeTextFileSync(blob, "sane\n");
    const damaged = await project.call("verify");
    assert.equal(damaged.code, 3);
    assert.match(damaged.out, new RegExp(`damaged blob ${digest}`));
    assert.equal(outcomes(await project.run()).same, "ran");
    assert.equal((await project.call("verify")).code, 0);
  });
});

Deno.test("--rebuild compares every kept step of a chain and every item, and names those that differ", async () => {
  await inProject(async (project) => {
    project.write("texts/a", "aaa");
    project.write("texts/b", "bb");
    project.workflow({
      train: { kind: "hash_chain", params: { seed: "s", steps: 5, segment: 2 } },
      measure: { kind: "lengths", inputs: { texts: "folder:texts" } },
      copy: sh("cp in/x out/o", { x: "measure.lengths" }),
    });
    await project.run();
    const same = await project.call("verify", "probe.ts", "--rebuild");
    assert.match(
      same.out,
      /^ran +train .*\(reproduced, 3 results compared\)\nran +measure .*\(reproduced, 3 .*\)\nran +copy .*\(reproduced\)\n3 ran, .*\n$/,
    );
    assert.equal(same.code, 0);

    // Results that agree with themselves, but are not what the kinds make.
    falsify(project, ({ step, item }) => step === 2 || item === "b");
    const other = await project.call("verify", "probe.ts", "--rebuild", "train", "measure");
    assert.equal(other.code, 3, other.err);
    assert.match(
      other.out,
      /\n2 ran, .*\ntrain: step 2, output state differs: .*\ntrain: step 2, output trace differs: .*\nmeasure: item b, output lengths differs: .*\n$/,
    );
    const { events } = await project.call("verify", "probe.ts", "--rebuild", "measure", "--json");
    const { compared, same: isSame, differences } = events.find(({ event }) => event === "rebuild")!;
    assert.ok(
      events.some(({ event, id }) => event === "progress" && id === "measure"),
      "no progress was shown",
    );
    assert.deepEqual([compared, isSame, differences.length], [3, false, 1]);

    project.workflow({ gone: sh("echo > out/o; test ! -e /gone", {}), fresh: sh("echo > out/o") });
    await project.run("gone");
    const unkept = await project.call("verify", "probe.ts", "--rebuild");
    assert.deepEqual([unkept.code, unkept.out], [2, ""]);
    assert.match(unkept.err, /fresh has no cached result to compare with; run it first/);
  });
});

/** Replaces the outputs of some records by other text, with all digests right. */
function falsify(project: Project, which: (manifest: Manifest) => boolean): void {
  const store = Store.open(project.path("store"));
  const digest = store.putText("other");
  const file = { path: "", digest, size: 5 };
  for (const key of [...store.keys()]) {
    const record = store.getRecord(key)!;
    if (!which(record.manifest)) continue;
    // That of an item is in a pack, and a file goes before it.
    if (record.manifest.item === undefined) Deno.removeSync(store.records.path(key));
    const output = { digest: singleFileDigest(file), files: 1, bytes: 5, file };
    const outputs = Object.fromEntries(Object.keys(record.outputs).map((name) => [name, output]));
    store.records.add({ ...record, outputs }, project.path("store/work/false"));
  }
  store.close();
}

Deno.test("gc keeps the last runs and pinned ones, and says what it frees", async () => {
  await inProject(async (project) => {
    const big = (n: number) =>
      project.workflow({
        big: sh(`head -c 100000 /dev/zero | tr '\\0' ${n % 10} > out/o; echo ${n} >> out/o`),
      });
    let pinned = "";
    for (let n = 0; n < 13; n++) {
      big(n);
      const { run } = (await project.run()).events.at(-1)!;
      if (n === 0) {
        pinned = run;
        assert.equal((await project.call("pin", run)).code, 0);
      }
    }
    const dry = await project.call("gc", "--dry-run");
    assert.match(dry.out, /would free 200 kB: 2 results \(2 of command\), 2 files; 1\.1 MB would be kept/);
    assert.match((await project.call("gc")).out, /^freed 200 kB/m);
    big(0);
    assert.deepEqual(outcomes(await project.run()), { big: "reused" });
    big(1);
    assert.deepEqual(outcomes(await project.run()), { big: "ran" });
    assert.match((await project.call("pin", pinned, "--remove")).out, /no longer pinned/);
    assert.match((await project.call("gc", "--older-than", "1d")).out, /freed 0 B/);
  });
});
