/** The setting `scratch`: a folder on the disk of a node, in words that the node understands. */

import { isAbsolute } from "node:path";
import { FlowError } from "../errors.ts";

/** An absolute path in which `$NAME` stands for a variable of the node's environment. */
export const SCRATCH = /^(\/|\$[A-Za-z_])([^$]|\$[A-Za-z_])*$/;

const VARIABLE = /\$([A-Za-z_][A-Za-z0-9_]*)/g;

/** The setting on one node. */
export interface NodeScratch {
  /** As it is written in `protoflow.json`. */
  readonly setting: string;
  /** As Slurm names it. */
  readonly node: string;
}

/** What to do where the folder can't be used, or is full. */
export function scratchAdvice({ setting }: NodeScratch): string {
  return `slurm.scratch in protoflow.json is ${
    JSON.stringify(setting)
  }: name a folder that every node has, that ` +
    "you may write to, and that is large enough for the task; or leave it out, and work is done in the store";
}

/** The error for a folder that can't be used. */
export function scratchError(scratch: NodeScratch, problem: string): FlowError {
  const words = `the node ${scratch.node} has no folder for work: ${problem}; ${scratchAdvice(scratch)}`;
  return new FlowError("scratch", words);
}

/**
 * The folder on this node. No shell reads the text: the value of a variable is taken as it is.
 *
 * @throws FlowError scratch
 */
export function scratchPath(scratch: NodeScratch, valueOf: (name: string) => string | undefined): string {
  const path = scratch.setting.replaceAll(VARIABLE, (variable, name) => {
    const value = valueOf(name);
    if (value) return value;
    throw scratchError(scratch, `the variable ${variable} is not set there`);
  });
  if (isAbsolute(path)) return path;
  throw scratchError(scratch, `${JSON.stringify(path)} is no absolute path`);
}
