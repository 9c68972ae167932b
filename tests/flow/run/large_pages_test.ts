/** Tests of the environment of a process that has less memory than it would use. */

import assert from "node:assert/strict";
import { pagesEnvironment, reservedMB } from "../../../lib/flow/run/large_pages.ts";

const MEMINFO = `MemTotal:       24683752 kB
HugePages_Total:    3000
HugePages_Free:     2000
Hugepagesize:       2048 kB
`;

Deno.test("a process with enough memory, or of which nothing is known, allocates as always", () => {
  assert.deepEqual(pagesEnvironment({ memoryMB: 6000 }, { memoryMB: 6000 }, () => 0), {});
  assert.deepEqual(pagesEnvironment({ memoryMB: 6000 }, undefined, () => 0), {});
});

Deno.test("a process with too little memory takes large pages: reserved ones where enough are free", () => {
  const taken = (free: number) =>
    pagesEnvironment({ memoryMB: 1000 }, { memoryMB: 2000 }, () => free).GLIBC_TUNABLES;
  assert.match(taken(0), /hugetlb=1:/);
  assert.match(taken(1249), /hugetlb=1:/);
  assert.match(taken(1250), /hugetlb=2:/);
});

Deno.test("what is reserved is read from the system's figures, of which any may be absent", () => {
  assert.equal(reservedMB(MEMINFO), 4000);
  assert.equal(reservedMB("MemTotal: 5 kB\n"), 0);
});
