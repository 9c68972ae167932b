/** `protoflow.json`: what belongs to the workflows of a folder and of those below it. */

import { dirname, join, resolve } from "node:path";
import { isThere } from "../../system/is_there.ts";
import { FlowError } from "../errors.ts";
import { messageOf } from "../failure.ts";

/** The name of the file. */
export const SETTINGS_FILE = "protoflow.json";

/** The content of the file. */
export interface FolderSettings {
  /** Folders of kinds, absolute. */
  readonly kinds: readonly string[];
}

/** The nearest settings file at or above a file; none, or one. */
export function settingsFiles(file: string): string[] {
  for (let at = dirname(file);; at = dirname(at)) {
    const found = join(at, SETTINGS_FILE);
    if (isThere(found)) return [found];
    if (dirname(at) === at) return [];
  }
}

/** @throws FlowError settings with what is wrong and what is expected */
export function readSettings(file: string): FolderSettings {
  const fail = (problem: string) => new FlowError("settings", `${file}: ${problem}`);
  let value: unknown;
  try {
    value = JSON.parse(Deno.readTextFileSync(file));
  } catch (error) {
    throw fail(`${messageOf(error)}; expected JSON such as { "kinds": ["./kinds"] }`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw fail('expected an object such as { "kinds": ["./kinds"] }');
  }
  const { kinds = [], ...others } = value as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw fail(`there is no field "${unknown}"; known: kinds`);
  if (!Array.isArray(kinds) || !kinds.every((folder) => typeof folder === "string")) {
    throw fail('kinds is to be a list of folders, such as ["./kinds"]');
  }
  return { kinds: kinds.map((folder) => resolve(dirname(file), folder)) };
}
