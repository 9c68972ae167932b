/** Each kind of file that a command writes, on a network file system that is full, and says so only when files are flushed. */

import assert from "node:assert/strict";
import { exists, Project } from "../cli.ts";
import { onNetworkDisk, whyNoNetworkDisk } from "../store/network_disk.ts";
import { inTemporaryFolder } from "../store/scratch.ts";
import { runLate, WORKFLOWS, writeLateWorkflow } from "./late_workflows.ts";

const about = await whyNoNetworkDisk();
/** So many bytes can be written: each run keeps what it can, and the next one comes further. */
const QUOTAS = [1500, 3500, 4000];

for (const [name, workflow] of Object.entries(WORKFLOWS)) {
  Deno.test({
    name: `a run of ${name} for which a disk is full late is told so, and the next one is right${about}`,
    ignore: about !== "",
    fn: () =>
      inTemporaryFolder((folder) =>
        onNetworkDisk(folder, [{}], async ([disk]) => {
          const project = new Project(disk.path, { PROTOFLOW_ISOLATION: "off" });
          writeLateWorkflow(project, workflow);
          for (const quota of QUOTAS) {
            assert.deepEqual(await runLate(project, disk, workflow, quota), []);
          }
          assert.deepEqual(await runLate(project, disk, workflow), []);
          assert.equal((await project.call("verify")).code, 0);
        })
      ),
  });
}

Deno.test({
  name: `a command whose files a full disk loses late says so, and leaves none of them${about}`,
  ignore: about !== "",
  fn: () =>
    inTemporaryFolder((folder) =>
      onNetworkDisk(folder, [{}], async ([disk]) => {
        const local = new Project(folder, { PROTOFLOW_ISOLATION: "off" });
        writeLateWorkflow(local, WORKFLOWS["a result of files"]);
        assert.equal((await local.run()).code, 0);
        const user = new Project(disk.path);
        disk.set({ quota: 0 });
        for (
          const [project, file, ...args] of [
            [local, disk.path + "/copy/o", "get", "probe.ts", "page", disk.path + "/copy"],
            [user, disk.path + "/key", "key", disk.path + "/key"],
            [user, disk.path + "/words.ts", "new", "workflow", "words"],
          ] as const
        ) {
          const { code, err } = await project.call(
            ...args,
            ...(project === user ? ["--store", `${folder}/store`] : []),
          );
          assert.notEqual(code, 0, args[0]);
          assert.match(err, /no space left/, args[0]);
          assert.ok(!exists(file), args[0]);
        }
      })
    ),
});
