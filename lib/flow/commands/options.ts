/** Options of the command line that several verbs take, and how their values are read. */

import { InvalidArgumentError, Option } from "commander";
import { cacheUrlProblem } from "../cache_url.ts";
import { parseDevices, UnknownDevice } from "../resources/device_choice.ts";

/** Parses a whole number, 1 or more. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError("expected a whole number, 1 or more.");
  }
  return value;
}

/** Parses the number of a port; 0 stands for any that is free. */
export function portNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError("expected the number of a port, 0 to 65535.");
  }
  return value;
}

const collect = (value: string, earlier: string[] = []) => [...earlier, value];

export const store = new Option("--store <folder>", "folder of the store (default: cache/ in the project)");
/** For programs. */
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
    new Option(
      "--device <name>",
      `device to compute on: ${
        devices.join(", ")
      } (default: cpu); TASK=DEVICE for one task, separated by commas`,
    ).argParser((text) => knownDevices(text, devices)),
    new Option("--runtime <name>", "numeric library: onnxruntime or TensorFlow.js")
      .choices(["ort", "tfjs"])
      .default("ort"),
    new Option(
      "--cache <url>",
      "shared cache to take results from and send them to; repeatable (default: those of protoflow.json)",
    ).argParser((text, earlier?: string[]) => collect(cacheUrl(text), earlier)),
    new Option("--cache-read-only", "send nothing to shared caches"),
  ];
}

function cacheUrl(text: string): string {
  const problem = cacheUrlProblem(text);
  if (problem !== undefined) throw new InvalidArgumentError(problem);
  return text;
}

function knownDevices(text: string, devices: readonly string[]): string {
  try {
    parseDevices(text, devices);
    return text;
  } catch (error) {
    if (!(error instanceof UnknownDevice)) throw error;
    throw new InvalidArgumentError(error.message);
  }
}
