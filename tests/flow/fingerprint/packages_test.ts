/** Pinned versions from a lock file. */
import assert from "node:assert/strict";
import { FingerprintError, type LockFile, pinnedPackages } from "../../../lib/flow/fingerprint/packages.ts";

const graph: LockFile = {
  specifiers: { "npm:a@1": "1.2.0", "npm:@s/b@^2": "2.0.0_peer@3.0.0" },
  npm: {
    "a@1.2.0": { dependencies: ["c", "d@1.0.0", "@types/a"] },
    "@s/b@2.0.0_peer@3.0.0": { dependencies: ["d@2.0.0", "alias@npm:c"], optionalDependencies: ["e-linux"] },
    "c@5.0.0": { dependencies: ["a@1.2.0"] },
    "d@1.0.0": {},
    "d@2.0.0": {},
    "e-linux@1.0.0": {},
    "peer@3.0.0": {},
    "unused@1.0.0": {},
  },
};

/** Every package of the graph with a digest of its bytes. */
function lockWith(integrity: (id: string) => string | undefined = (id) => `sha512-${id}`): LockFile {
  const npm = Object.entries(graph.npm!).map(([id, entry]) => [id, { integrity: integrity(id), ...entry }]);
  return { ...graph, npm: Object.fromEntries(npm) };
}
const lock = lockWith();

const pinnedVersions = (packages: readonly string[], of: LockFile) => pinnedPackages(packages, of).packages;

Deno.test("all that a package depends on is reached, through cycles, peers, aliases and optional packages", () => {
  assert.deepEqual(pinnedVersions(["a@1"], lock), { a: "1.2.0", c: "5.0.0", d: "1.0.0" });
  assert.deepEqual(pinnedVersions(["a@1", "@s/b@^2"], lock), {
    "@s/b": "2.0.0_peer@3.0.0",
    a: "1.2.0",
    c: "5.0.0",
    d: "1.0.0, 2.0.0",
    "e-linux": "1.0.0",
  });
  assert.deepEqual(pinnedPackages([], lock), { packages: {} });
});

Deno.test("a package that is not pinned is an error", () => {
  assert.throws(() => pinnedVersions(["z@1"], lock), FingerprintError);
  assert.throws(
    () => pinnedVersions(["a@1"], { specifiers: { "npm:a@1": "1.3.0" }, npm: {} }),
    FingerprintError,
  );
  assert.throws(() => pinnedVersions(["a@1"], {}), FingerprintError);
});

Deno.test("other bytes under the same version are seen, of whatever package is reached, and of no other", () => {
  const bytesWithout = (changed: string) =>
    pinnedPackages(["a@1"], lockWith((id) => id === changed ? "sha512-other" : `sha512-${id}`)).packageBytes;
  const { packageBytes } = pinnedPackages(["a@1"], lock);
  for (const reached of ["a@1.2.0", "c@5.0.0", "d@1.0.0"]) {
    assert.notEqual(bytesWithout(reached), packageBytes);
  }
  assert.equal(bytesWithout("d@2.0.0"), packageBytes);
  assert.throws(
    () => pinnedPackages(["a@1"], lockWith((id) => id === "c@5.0.0" ? undefined : id)),
    /no integrity of c@5\.0\.0/,
  );
});
