/** Options of the command line that several verbs take, and how their values are read. */

import { InvalidArgumentError, Option } from "commander";
import { nearest } from "../suggest.ts";

/** Parses a whole number from 1 on. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError("expected a whole number from 1 on.");
  }
  return value;
}

const collect = (value: string, earlier: string[] = []) => [...earlier, value];

export const store = new Option("--store <folder>", "the store (default: cache/ of the project)");
export const json = new Option("--json", "one JSON object a line");

/**
 * What chooses the tasks of a workflow and what they are computed with.
 *
 * @param devices the names that `--device` may have
 */
export function choices(devices: readonly string[]): Option[] {
  return [
    new Option("--profile <name>", "one of the workflow's overlays of params"),
    new Option(
      "--set <field=value>",
      "task.param=value, task.input=path or matrix.axis=v1,v2; may be repeated",
    )
      .argParser(collect),
    new Option("--device <name>", `what to compute on: ${devices.join(", ")}`)
      .argParser((name) => knownDevice(name, devices))
      .default("cpu"),
    new Option("--runtime <name>", "what to compute with: onnxruntime or TensorFlow.js")
      .choices(["ort", "tfjs"])
      .default("ort"),
  ];
}

function knownDevice(name: string, devices: readonly string[]): string {
  if (devices.includes(name)) return name;
  const near = nearest(name, devices);
  throw new InvalidArgumentError(`${near ? `Did you mean ${near}? ` : ""}Known: ${devices.join(", ")}.`);
}
