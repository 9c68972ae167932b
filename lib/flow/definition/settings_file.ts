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
  /** Folders of models, absolute. */
  readonly models: readonly string[];
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
  const { kinds, models, ...others } = value as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw fail(`there is no field "${unknown}"; known: kinds, models`);
  const folders = (field: string, given: unknown = []) => {
    if (!Array.isArray(given) || !given.every((folder) => typeof folder === "string")) {
      throw fail(`${field} is to be a list of folders, such as ["./${field}"]`);
    }
    return given.map((folder) => resolve(dirname(file), folder));
  };
  return { kinds: folders("kinds", kinds), models: folders("models", models) };
}

/** Adds a folder to those of a field, in a settings file that is made where there is none. */
export function withFolder(text: string | undefined, field: keyof FolderSettings, folder: string): string {
  const settings = text === undefined ? {} : JSON.parse(text);
  return `${JSON.stringify({ ...settings, [field]: [...settings[field] ?? [], folder] }, null, 2)}\n`;
}
