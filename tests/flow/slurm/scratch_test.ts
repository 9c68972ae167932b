/** Jobs that work on their nodes' own disks: the results are the same, and what happens to a job leaves nothing on a disk. */

import assert from "node:assert/strict";
import { exists, outcomes, until } from "../cli.ts";
import { outputsInStore, withScratch, workingProgram } from "./scratch_project.ts";
import { slurmTest } from "./slurm_cluster.ts";
import { digestsIn, follow, shell, untilReached } from "./slurm_project.ts";

for (const isOpen of [false, true]) {
  slurmTest(
    `work on nodes' own disks has the results of work in the store, ${
      isOpen ? "where tasks are not isolated" : "isolated"
    }: programs, chains and items, and what a task sees`,
    async (cluster) => {
      await withScratch(cluster, { isOpen }, async (project, disks) => {
        project.write("words.txt", "words");
        for (let i = 0; i < 20; i++) project.write(`texts/text-${i}`, "x".repeat(i));
        const go = project.path("go");
        const sees = [
          "mkdir out/o && cat in/x > out/o/part",
          `until test -e ${go}; do sleep 0.1; done`,
          // A move within the work folder is one on one disk.
          'echo moved > tmp/t; perl -e \'rename("tmp/t", "out/o/moved") or die\'',
          "mv in/x out/o/input",
          'echo "${TMPDIR#$PWD} ${HOME#$PWD} ${PROTOFLOW_WORK#$PWD} $(basename "$PWD")" > out/o/paths; ls > out/o/names',
          "echo whole >> out/o/part; chmod 700 out/o/part",
        ];
        project.workflow({
          first: shell(sees.join("; "), { inputs: { x: "file:words.txt" } }),
          second: shell("cat in/x/* in/y > out/o", { inputs: { x: "first.o", y: "chain.trace" } }),
          chain: { kind: "hash_chain", params: { seed: "s", steps: 4, segment: 2 } },
          measure: { kind: "lengths", params: {}, inputs: { texts: "folder:texts" } },
        });
        const running = project.run();
        await until(() => disks.files("out/o/part").length === 1, "the task has begun to write");
        assert.deepEqual(
          outputsInStore(project, "first"),
          [],
          "nothing of it is in the store before it is whole",
        );
        project.write("go", "");
        const ran = await running;
        assert.equal(ran.code, 0, ran.out + ran.err);
        const all = { first: "ran", second: "ran", chain: "ran", measure: "ran" };
        assert.deepEqual(outcomes(ran), all, ran.out);
        disks.assertEmpty();
        const results = digestsIn(project.path("store"));
        assert.equal(Object.keys(results).length, 4 + 1 + 20, "tasks, a state on the way, and items");
        project.write("protoflow.json", JSON.stringify({ executor: "slurm", slurm: { waitSeconds: 1 } }));
        await project.run("--store", project.path("without"));
        assert.deepEqual(results, digestsIn(project.path("without")));
      });
    },
  );
}

slurmTest(
  "what a job leaves on a node's disk is removed by itself, or by the next job there where it was killed, and none of it counts",
  async (cluster) => {
    const slurm = { flags: ["--nodelist=n1"] };
    await withScratch(cluster, { slurm, isOpen: true }, async (project, disks) => {
      const said = project.path("ran");
      const stuckFor = (times: number) =>
        `echo half > out/o; echo x >> ${said}; test $(wc -l < ${said}) -gt ${times} || sleep 6000; echo whole > out/o`;
      project.workflow({ a: shell(stuckFor(2)) });

      const cancelled = project.run();
      await workingProgram(disks, "out/o");
      await until(() => exists(said), "the task has begun");
      await cluster.call("scancel", await cluster.runningJob());
      assert.match((await cancelled).out, /cancelled by hand/);
      await until(() => disks.programs().length === 0, "the job has removed its folder");
      disks.assertEmpty();

      const killed = project.run();
      const program = await workingProgram(disks, "out/o");
      await until(() => project.read("ran") === "x\nx\n", "the task has begun again");
      Deno.kill(program, "SIGKILL");
      const failed = await killed;
      assert.deepEqual(outcomes(failed), { a: "failed" }, failed.out);
      assert.equal(disks.files("out/o").length, 1, "nobody could remove it");
      assert.deepEqual(digestsIn(project.path("store")), {});

      const ran = await project.run();
      assert.deepEqual(outcomes(ran), { a: "ran" }, ran.out + ran.err);
      await project.call("get", "probe.ts", "a", "got");
      assert.equal(project.read("got/o"), "whole\n");
    });
  },
);

slurmTest(
  "states of a chain on a node's disk are in the store as soon as they are whole, and none is lost with its job",
  async (cluster) => {
    // On one node, so that what a job leaves that is killed does not wait for another job on that one.
    const slurm = { tasks: { chain: { time: "10", flags: ["--nodelist=n1"] } } };
    await withScratch(cluster, { slurm }, async (project, disks) => {
      // More than two steps at once take longer than this test.
      const params = { seed: "t", steps: 5, segment: 5, longMs: 6_000_000 };
      const chain = { kind: "hash_chain", params };
      project.workflow({ chain });
      let kills = 0;
      const events = await follow(project, () => {
        if (kills === 2) return undefined;
        const step = ++kills;
        return untilReached(project, step).then(() => {
          assert.deepEqual(disks.files(`tmp/out-${step}/state`).length, 1);
          const living = disks.programs().filter((pid) => exists(`/proc/${pid}`));
          assert.equal(living.length, 1);
          Deno.kill(living[0], "SIGKILL");
        });
      });
      const ended = events.find(({ event }) => event === "action");
      assert.equal(ended?.outcome, "ran", JSON.stringify(events, null, 1));

      project.workflow({ chain: { ...chain, params: { ...chain.params, segment: 1 } } });
      await project.run("--executor", "local", "--store", project.path("local"));
      const [there, local] = [digestsIn(project.path("store")), digestsIn(project.path("local"))];
      const both = Object.keys(local).filter((key) => key in there);
      assert.deepEqual([Object.keys(there).length, both.length], [3, 3], "the states after 1, 2 and 5 steps");
      for (const key of both) assert.equal(there[key], local[key]);
      // The job that was killed last may have been the last one on its node.
      await project.call("run", "probe.ts", "--executor", "slurm");
    });
  },
);

/** Three file systems of a few megabytes; where none can be mounted, `body` is not called. */
async function withSmallDisks(
  body: (folders: readonly [string, string, string]) => Promise<void>,
): Promise<void> {
  const folders = [Deno.makeTempDirSync(), Deno.makeTempDirSync(), Deno.makeTempDirSync()] as const;
  const call = (program: string, ...args: string[]) =>
    new Deno.Command(program, { args, stderr: "null" }).outputSync().success;
  try {
    const areMounted = folders.every((folder) =>
      call("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder)
    );
    if (!areMounted) return console.log("not tested: a tmpfs cannot be mounted here");
    await body(folders);
  } finally {
    for (const folder of folders) {
      call("umount", "--lazy", folder);
      Deno.removeSync(folder);
    }
  }
}

slurmTest(
  "a disk of a node that is missing, full or not to be written to is an error with the node, the setting and what to do",
  async (cluster) => {
    // On a disk that one job has filled there is no room for another one.
    await withSmallDisks(async ([full, fits, large]) => {
      const file = `${fits}/file`;
      Deno.writeTextFileSync(file, "");
      const scratchOf = {
        missing: "/nowhere/$SLURM_JOB_USER",
        unset: "$NO_SUCH",
        file,
        full,
        fits,
        large,
      };
      const tasks = Object.fromEntries(
        Object.entries(scratchOf).map(([name, scratch]) => [name, { scratch }]),
      );
      await withScratch(cluster, { slurm: { tasks } }, async (project) => {
        project.write("large.bin", "x".repeat(8_000_000));
        const write = (name: string) => shell(`: ${name}; head -c 9000000 /dev/zero > out/o`);
        project.workflow({
          missing: write("missing"),
          unset: write("unset"),
          file: write("file"),
          full: write("full"),
          fits: shell("head -c 1000 /dev/zero > out/o"),
          large: shell("cat in/x > out/o", { inputs: { x: "file:large.bin" } }),
          link: shell("rm -r out; ln -s /usr out"),
          temporary: shell("echo > out/o; rm -r tmp; ln -s /usr tmp"),
        });
        const ran = await project.run();
        assert.equal(outcomes(ran).fits, "ran", ran.out + ran.err);
        const refused = "the node n\\d has no folder for work: ";
        const expected = {
          missing: `^${refused}/nowhere/\\w+ can't be used there: there is no such file`,
          unset: `^${refused}the variable \\$NO_SUCH is not set there; `,
          file: `^${refused}${file} can't be used there: a part of its path is not a folder`,
          full: `^exit code 1; no space is left on the disk of ${full}/.* on the node n\\d; `,
          large: `^${refused}${large} can't be used there: .*No space left on device; `,
          link: '^its folder "out" is a folder no longer',
          temporary: '^its folder "tmp" is a folder no longer',
        };
        for (const [name, words] of Object.entries(expected)) {
          const reason = ran.events.find(({ event, id }) => event === "action" && id === name)?.reason;
          assert.match(reason, new RegExp(words), ran.out);
          if (!(name in scratchOf)) continue;
          const setting = scratchOf[name as keyof typeof scratchOf];
          const advice = `slurm.scratch in protoflow.json is "${setting}": name a folder that every node has`;
          assert.ok(reason.includes(advice), reason);
        }
        assert.deepEqual(
          [full, fits, large].flatMap((disk) => [...Deno.readDirSync(disk)].map(({ name }) => name)),
          ["file"],
          "nothing is left on them",
        );
      });
    });
  },
);

slurmTest(
  "an item that ends its process on a node's disk fails alone; the results before it are in the store",
  async (cluster) => {
    await withScratch(cluster, { slurm: { flags: ["--nodelist=n1"] } }, async (project) => {
      for (let i = 0; i < 6; i++) project.write(`texts/text-${i}`, "x".repeat(i));
      project.write("texts/text-5b", "deadly");
      project.write("texts/text-5c", "bad");
      const measure = { kind: "lengths", params: {}, inputs: { texts: "folder:texts" } };
      project.workflow({ measure });
      const failed = await project.run();
      const reason = failed.events.find(({ outcome }) => outcome === "failed")?.reason;
      assert.match(reason, /2 of 8 items failed.*\n.*text-5b: killed by SIGKILL/s, failed.out + failed.err);
      assert.match(reason, /text-5c: this text is bad/);
      assert.equal(Object.keys(digestsIn(project.path("store"))).length, 6);
    });
  },
);
