/** Measures how fast this machine computes; `plan` turns work into time by it. */
import { defineWorkflow } from "protoflow";

export default defineWorkflow({
  name: "calibration",
  about: "how fast this machine computes, for the estimates of plan",
  tasks: { speed: { kind: "calibrate" } },
});
