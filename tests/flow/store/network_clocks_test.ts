/** A store on a disk whose clock is another machine's: hours ahead or behind, and perhaps one of whole seconds. */
import assert from "node:assert";
import { digestBytes } from "../../../lib/flow/store/digest.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { onNetworkDisk, whyNoNetworkDisk } from "./network_disk.ts";
import { inTemporaryFolder, startRacer } from "./scratch.ts";

const about = await whyNoNetworkDisk();
const CLOCKS = [{ ahead: 3600 }, { ahead: -3600 }, { ahead: 3600, coarse: true }, {
  ahead: -3600,
  coarse: true,
}];

for (const clock of CLOCKS) {
  const words = `${Math.abs(clock.ahead) / 3600} h ${clock.ahead > 0 ? "ahead" : "behind"}${
    clock.coarse ? ", in whole seconds" : ""
  }`;
  Deno.test({
    name:
      `an edit is noticed however soon it comes after another one, where a disk's clock is ${words}${about}`,
    ignore: about !== "",
    fn: () =>
      inTemporaryFolder((folder) =>
        onNetworkDisk(folder, [clock], async ([{ path }]) => {
          const store = Store.open(`${path}/store`);
          const source = `${path}/source`;
          // From then on small files are looked up too, and not just read.
          store.digester.index.compact(() => true);
          for (let edit = 0; edit < (clock.coarse ? 1 : 3); edit++) {
            for (const version of ["one", "two"]) {
              const bytes = new TextEncoder().encode(`${version} of ${edit}`);
              Deno.writeFileSync(source, bytes);
              const { artifact } = await store.digestSource(source, "file");
              assert.strictEqual(artifact.entries[0].digest, digestBytes(bytes));
              // Once more, by what is remembered.
              const again = await store.digestSource(source, "file");
              assert.deepStrictEqual(again.unsettled, []);
              assert.strictEqual(again.artifact.digest, artifact.digest);
            }
          }
          store.close();
        })
      ),
  });
}

const KEYS = 20;

Deno.test({
  name: `machines whose clocks are hours apart get the same results, each made once${about}`,
  ignore: about !== "",
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const log = `${folder}/log`;
      Deno.writeTextFileSync(log, "");
      await onNetworkDisk(folder, [CLOCKS[0], CLOCKS[3]], async (machines) => {
        const racers = [...machines, ...machines].map(({ path }, i) =>
          startRacer(`${path}/store`, log, 0, KEYS, i % 2 === 0 ? "tasks" : "items").output()
        );
        for (const { code, stderr } of await Promise.all(racers)) {
          assert.strictEqual(code, 0, new TextDecoder().decode(stderr));
        }
      });
      const store = Store.open(`${folder}/server/store`);
      assert.deepStrictEqual(await store.verify(), []);
      assert.deepStrictEqual([...Deno.readDirSync(`${store.folder}/leases/actions`)], []);
      store.close();
    }),
});
