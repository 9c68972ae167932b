/** The gpus that a process may use: by CUDA_VISIBLE_DEVICES, and by what nvidia-smi lists. */

import assert from "node:assert/strict";
import { visibleGpus } from "../../../lib/flow/resources/machine.ts";
import { parseListing } from "../../../lib/flow/resources/nvidia_smi.ts";

const LISTING = `GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77)
  MIG 3g.20gb     Device  0: (UUID: MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f)
  MIG 1g.5gb      Device  1: (UUID: MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-1ba1ba1b-d33d-2b2c-524d-000000000001)
`;

const listing = parseListing(LISTING);
const listed = () => listing;

Deno.test("a listing gives whole devices by number, and the instances of a divided one by UUID", () => {
  assert.deepEqual(listing.map(({ id, model }) => [id, model]), [
    ["MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f", "NVIDIA A100-SXM4-40GB MIG 3g.20gb"],
    ["MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb", "NVIDIA A100-SXM4-40GB MIG 1g.5gb"],
    ["1", "NVIDIA A100-SXM4-40GB"],
  ]);
  assert.deepEqual(parseListing("No devices found.\n"), []);
});

Deno.test("without CUDA_VISIBLE_DEVICES all listed devices may be used", () =>
  assert.deepEqual(visibleGpus(undefined, listed), listing.map(({ id }) => id)));

Deno.test("CUDA_VISIBLE_DEVICES takes numbers, UUIDs, shortened UUIDs and MIG instances", () => {
  const cases: [string, string[]][] = [
    ["0,1", ["0", "1"]],
    [" 3, 05 ", ["3", "5"]],
    ["", []],
    ["-1", []],
    ["NoDevFiles", []],
    ["1,-1,0", ["1"]],
    ["GPU-1ba1ba1b", ["GPU-1ba1ba1b"]],
    ["MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb", ["MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb"]],
    ["MIG-GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77/1/0", [
      "MIG-GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77/1/0",
    ]],
  ];
  for (const [visible, ids] of cases) assert.deepEqual(visibleGpus(visible, listed), ids, visible);
});

Deno.test("a device with two names in CUDA_VISIBLE_DEVICES counts once", () => {
  const whole = "GPU-1ba1ba1b-d33d-2b2c-524d-000000000001";
  assert.deepEqual(visibleGpus("0,1,0,00", () => undefined), ["0", "1"]);
  assert.deepEqual(visibleGpus(`1,${whole}`, listed), ["1"]);
  assert.deepEqual(visibleGpus(`${whole},GPU-1BA1`, listed), [whole]);
});

Deno.test("numbers alone need no question to the driver", () =>
  assert.deepEqual(visibleGpus("0,1", () => assert.fail("it was asked")), ["0", "1"]));
