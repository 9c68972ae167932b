/** Which device a task computes on: the command line before the workflow, a task's name before all. */

import assert from "node:assert/strict";
import {
  checkDevices,
  deviceOf,
  parseDevices,
  UnknownDevice,
} from "../../../lib/flow/resources/device_choice.ts";

const KNOWN = ["cpu", "webgpu", "cuda"];
const choose = (text: string | undefined, task: { task: string; device?: string }) =>
  deviceOf(parseDevices(text, KNOWN), task);

Deno.test("a device is chosen for all tasks, for some, or both", () => {
  assert.equal(choose(undefined, { task: "joint" }), "cpu");
  assert.equal(choose("cuda", { task: "joint" }), "cuda");
  assert.equal(choose("joint=cuda,segment=webgpu", { task: "segment" }), "webgpu");
  assert.equal(choose("joint=cuda,segment=webgpu", { task: "project" }), "cpu");
  assert.equal(choose("cuda, segment=cpu", { task: "segment" }), "cpu");
  assert.equal(choose("cuda, segment=cpu", { task: "joint" }), "cuda");
});

Deno.test("the command line goes before the workflow, and the workflow before the CPU", () => {
  const joint = { task: "joint", device: "cuda" };
  assert.equal(choose(undefined, joint), "cuda");
  assert.equal(choose("segment=webgpu", joint), "cuda");
  assert.equal(choose("cpu", joint), "cpu");
  assert.equal(choose("joint=webgpu", joint), "webgpu");
});

Deno.test("unknown devices and tasks are refused with the nearest name", () => {
  for (const text of ["cudda", "joint=cudda", "", "cuda,webgpu"]) {
    assert.throws(() => parseDevices(text, KNOWN), UnknownDevice, text);
  }
  const workflow = { name: "probe", tasks: [{ task: "joint" }, { task: "segment", device: "cudda" }] };
  const check = (text: string, tasks = workflow.tasks) =>
    checkDevices(parseDevices(text, KNOWN), { ...workflow, tasks }, KNOWN);
  assert.throws(() => check("jont=cuda", [{ task: "joint" }]), /no task "jont"; did you mean "joint"\?/);
  assert.throws(() => check("cpu"), /task segment: there is no device "cudda"\. Did you mean cuda\?/);
});
