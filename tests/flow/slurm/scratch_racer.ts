/** A process that makes and removes folders on a disk, as jobs that begin and end do. Arguments: the disk, how often. */

import { ScratchFolder } from "../../../lib/flow/slurm/scratch_folder.ts";

const [base, times] = Deno.args;
for (let time = 0; time < Number(times); time++) {
  const folder = ScratchFolder.make(base);
  Deno.writeTextFileSync(`${folder.path}/o`, "");
  folder.remove();
}
