/** A work on a node's disk: what its process is given, and what becomes of folders that it replaces. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { WorkFile } from "../../../lib/flow/slurm/files.ts";
import { ScratchPlace } from "../../../lib/flow/slurm/scratch_place.ts";
import { exists } from "../cli.ts";

/** A program's work folder in a store, and a disk. */
async function onDisk(
  body: (cwd: string, open: (isIsolated: boolean) => Promise<ScratchPlace>, disk: string) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    const cwd = join(folder, "store/jobs/key/attempt/work");
    const disk = join(folder, "disk");
    for (const name of ["in", "out", "tmp"]) Deno.mkdirSync(join(cwd, name), { recursive: true });
    Deno.mkdirSync(disk);
    const work = {
      id: "1",
      task: "a",
      process: {
        argv: ["sh"],
        env: { TMPDIR: join(cwd, "tmp") },
        cwd,
        logFile: `${cwd}.log`,
        mark: { WORK: cwd },
      },
      mounts: [{ from: "/large", to: join(cwd, "in/x") }],
      store: join(folder, "store"),
      processor: "",
    };
    const open = (isIsolated: boolean) => {
      const file: WorkFile = isIsolated ? { ...work, readable: [] } : work;
      return ScratchPlace.open(file, { setting: disk, node: "n1" });
    };
    await body(cwd, open, disk);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("an isolated process sees the copy at the path of its work folder, below its inputs; another one works in it", () =>
  onDisk(async (cwd, open) => {
    const isolated = await open(true);
    const local = isolated.at(cwd);
    assert.deepEqual(isolated.work.mounts, [
      { from: local, to: cwd, writable: true },
      { from: "/large", to: join(cwd, "in/x") },
    ]);
    assert.equal(isolated.work.process.cwd, cwd);
    const other = await open(false);
    const { process } = other.work;
    assert.notEqual(process.cwd, cwd);
    assert.deepEqual(process, {
      argv: ["sh"],
      env: { TMPDIR: join(process.cwd, "tmp") },
      cwd: process.cwd,
      logFile: `${cwd}.log`,
      mark: { WORK: process.cwd },
    });
    assert.equal(other.at(process.cwd), process.cwd);
    assert.ok(exists(local) && exists(process.cwd), "they do not disturb each other");
    for (const place of [isolated, other]) place.remove();
    assert.ok(!exists(local) && !exists(process.cwd));
  }));

Deno.test("outputs are kept of a process that has ended well, and of no other", () =>
  onDisk(async (cwd, open, disk) => {
    const place = await open(true);
    Deno.writeTextFileSync(join(place.at(cwd), "out/o"), "new");
    await place.finish(false);
    assert.ok(!exists(join(cwd, "out/o")));
    await place.finish(true);
    assert.equal(Deno.readTextFileSync(join(cwd, "out/o")), "new");
    assert.equal(place.note(), "");
    place.remove();
    assert.deepEqual([...Deno.readDirSync(disk)], []);
  }));

Deno.test("nothing is taken of what a task puts in the place of its folders", () =>
  onDisk(async (cwd, open, disk) => {
    const theirs = join(disk, "theirs");
    Deno.mkdirSync(join(theirs, "out"), { recursive: true });
    Deno.writeTextFileSync(join(theirs, "out/o"), "theirs");
    const moved = await open(false);
    Deno.renameSync(moved.work.process.cwd, join(disk, "moved"));
    Deno.symlinkSync(theirs, moved.work.process.cwd);
    await assert.rejects(moved.finish(true), { code: "folder-replaced" });
    moved.remove();
    assert.deepEqual([...Deno.readDirSync(join(cwd, "out"))], []);
    for (const name of ["in", "out", "tmp"]) {
      const place = await open(true);
      const own = join(place.at(cwd), name);
      Deno.removeSync(own, { recursive: true });
      Deno.symlinkSync(theirs, own);
      await place.finish(true);
      place.remove();
      assert.equal(Deno.readLinkSync(join(cwd, name)), theirs, "the driver sees it, and refuses it");
      Deno.removeSync(join(cwd, name));
      Deno.mkdirSync(join(cwd, name));
    }
    assert.equal(Deno.readTextFileSync(join(theirs, "out/o")), "theirs");
  }));
