/** Runs on a network file system that is full, and says so only when files are flushed. */

import assert from "node:assert/strict";
import { Project } from "../cli.ts";
import { onNetworkDisk, whyNoNetworkDisk } from "../store/network_disk.ts";
import { inTemporaryFolder } from "../store/scratch.ts";
import { resultOfLast, RIGHT, writeWorkflow } from "./impostors.ts";

const about = await whyNoNetworkDisk();
/** So many bytes can be written: from none to about all that a run needs. */
const QUOTAS = [0, 700, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000];

Deno.test({
  name: `a run for which a disk is full, and says so late, is told so, and the next one is right${about}`,
  ignore: about !== "",
  fn: () =>
    inTemporaryFolder((folder) =>
      onNetworkDisk(folder, [{}], async ([{ path, set }]) => {
        const project = new Project(path, { PROTOFLOW_ISOLATION: "off" });
        writeWorkflow(project);
        for (const quota of QUOTAS) {
          set({ quota });
          const { code, err, out, ...run } = await project.run();
          set({});
          if (code === 0) assert.equal(resultOfLast(project, { code, err, out, ...run }), RIGHT);
          else assert.match(err + out, /no space left/, `${quota}`);
          assert.doesNotMatch(err + out, /fault of protoflow/, `${quota}`);
        }
        const last = await project.run();
        assert.equal(last.code, 0, last.err);
        assert.equal(resultOfLast(project, last), RIGHT);
        const verified = await project.call("verify");
        assert.equal(verified.code, 0, verified.err + verified.out);
      })
    ),
});
