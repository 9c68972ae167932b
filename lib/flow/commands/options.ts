/** Options of the command line that several verbs take, and how their values are read. */

import { InvalidArgumentError, Option } from "commander";
import { nearest } from "../suggest.ts";

/** Parses a whole number, 1 or more. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError("expected a whole number, 1 or more.");
  }
  return value;
}

const collect = (value: string, earlier: string[] = []) => [...earlier, value];

export const store = new Option("--store <folder>", "folder of the store (default: cache/ in the project)");
export const json = new Option("--json", "print one JSON object per line");

/**
 * The options that select the tasks of a workflow and the device and runtime to compute with.
 *
 * @param devices the allowed values of `--device`
 */
export function choices(devices: readonly string[]): Option[] {
  return [
    new Option("--profile <name>", "apply a named set of parameter overrides"),
    new Option(
      "--set <field=value>",
      "override task.param=value, task.input=path or matrix.axis=v1,v2; repeatable",
    )
      .argParser(collect),
    new Option("--device <name>", `device to compute on: ${devices.join(", ")}`)
      .argParser((name) => knownDevice(name, devices))
      .default("cpu"),
    new Option("--runtime <name>", "numeric library: onnxruntime or TensorFlow.js")
      .choices(["ort", "tfjs"])
      .default("ort"),
  ];
}

function knownDevice(name: string, devices: readonly string[]): string {
  if (devices.includes(name)) return name;
  const near = nearest(name, devices);
  throw new InvalidArgumentError(`${near ? `Did you mean ${near}? ` : ""}Known: ${devices.join(", ")}.`);
}
