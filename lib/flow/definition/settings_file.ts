/** `protoflow.json`: what belongs to the workflows of a folder and of those below it. */

import { dirname, join, resolve } from "node:path";
import { isThere } from "../../system/is_there.ts";
import { cacheUrlProblem } from "../cache_url.ts";
import { FlowError } from "../errors.ts";
import { messageOf } from "../failure.ts";

/** The name of the file. */
export const SETTINGS_FILE = "protoflow.json";

/** What processes can be run by. */
export const EXECUTORS = ["local", "slurm"] as const;

/** A shared cache. */
export interface CacheSettings {
  readonly url: string;
  /** Whether results are written to it. */
  readonly write: boolean;
  /** The variable of the environment with `USER:PASSWORD` or a token. */
  readonly credentials?: string;
}

/** The content of the file. */
export interface FolderSettings {
  /** Folders of kinds, absolute. */
  readonly kinds: readonly string[];
  /** Folders of models, absolute. */
  readonly models: readonly string[];
  readonly caches: readonly CacheSettings[];
  /** The public keys of which one must have signed a result of a shared cache. */
  readonly trustedKeys: readonly string[];
  /** Where processes run, where the command line does not say it. */
  readonly executor?: string;
  /** As it is written; see `SlurmSettings`. */
  readonly slurm?: unknown;
}

/** Those of a folder without the file. */
export const NO_SETTINGS: FolderSettings = { kinds: [], models: [], caches: [], trustedKeys: [] };

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
  const { kinds, models, caches, trustedKeys, executor, slurm, ...others } = value as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw fail(`there is no field "${unknown}"; known: kinds, models, caches, trustedKeys, executor, slurm`);
  }
  if (executor !== undefined && !EXECUTORS.some((name) => name === executor)) {
    throw fail(`executor is ${JSON.stringify(executor)}; expected one of ${EXECUTORS.join(", ")}`);
  }
  const folders = (field: string, given: unknown = []) => {
    if (!Array.isArray(given) || !given.every((folder) => typeof folder === "string")) {
      throw fail(`${field} is to be a list of folders, such as ["./${field}"]`);
    }
    return given.map((folder) => resolve(dirname(file), folder));
  };
  return {
    kinds: folders("kinds", kinds),
    models: folders("models", models),
    caches: cachesOf(caches, fail),
    trustedKeys: keysOf(trustedKeys, fail),
    ...(executor !== undefined && { executor: String(executor) }),
    ...(slurm !== undefined && { slurm }),
  };
}

function cachesOf(given: unknown = [], fail: (problem: string) => FlowError): CacheSettings[] {
  const expected = 'expected a list such as [{ "url": "https://HOST/PATH", "write": false }]';
  if (!Array.isArray(given)) throw fail(`caches: ${expected}`);
  return given.map((one) => {
    const { url, write = true, credentials, plainHttp = false, ...others } = Object(one);
    const isLegal = typeof url === "string" && typeof write === "boolean" && typeof plainHttp === "boolean" &&
      ["string", "undefined"].includes(typeof credentials) && Object.keys(others).length === 0;
    if (!isLegal) throw fail(`caches: ${expected}, with the fields url, write, credentials and plainHttp`);
    const problem = cacheUrlProblem(url, plainHttp);
    if (problem !== undefined) throw fail(`caches: a URL can't be used: ${problem}`);
    return { url, write, ...(credentials !== undefined && { credentials }) };
  });
}

function keysOf(given: unknown = [], fail: (problem: string) => FlowError): string[] {
  const isKey = (key: unknown) => typeof key === "string" && /^ed25519:[A-Za-z0-9+/]{43}=$/.test(key);
  if (Array.isArray(given) && given.every(isKey)) return given;
  throw fail("trustedKeys is to be a list of public keys, as `deno task key` prints them");
}

/** Adds a folder to those of a field, in a settings file that is made where there is none. */
export function withFolder(text: string | undefined, field: "kinds" | "models", folder: string): string {
  const settings = text === undefined ? {} : JSON.parse(text);
  return `${JSON.stringify({ ...settings, [field]: [...settings[field] ?? [], folder] }, null, 2)}\n`;
}
