/**
 * Kinds outside of the project. The nearest `protoflow.json` at or above a workflow names folders; each TypeScript module
 * in them is a kind, named after its file, and `demands/` beside them says what kinds need of the machine.
 */

import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { isThere } from "../../system/is_there.ts";
import { readFolder } from "../../system/read_folder.ts";
import { FlowError } from "../errors.ts";
import { messageOf } from "../failure.ts";
import type { AnyKind, KindRegistry } from "../kind.ts";
import { readSettings, settingsFiles } from "./settings_file.ts";

/**
 * The kinds that the workflow at the absolute path `file` may name.
 *
 * @throws FlowError settings, kind where a folder can't be read or two kinds have one name
 */
export function withOwnKinds(registry: KindRegistry, file: string): KindRegistry {
  const [settings] = settingsFiles(file);
  if (settings === undefined) return registry;
  const found = new Map<string, string>();
  for (const folder of readSettings(settings).kinds) {
    for (const path of modulesIn(folder, settings)) {
      const name = basename(path, ".ts").replaceAll("_", "-");
      const other = Object.hasOwn(registry.kinds, name) ? "a kind of the project" : found.get(name);
      if (other !== undefined) {
        throw new FlowError(
          "kind",
          `${path}: "${name}" is the name of ${other}, too; rename the file and its kind`,
        );
      }
      found.set(name, path);
    }
  }
  const each = <T>(of: (path: string) => T) =>
    Object.fromEntries([...found].map(([name, path]) => [name, of(path)]));
  return {
    ...registry,
    ownKinds: Object.fromEntries(found),
    kinds: { ...registry.kinds, ...each((path) => () => importKind(path)) },
    demands: { ...registry.demands, ...demandsOf([...found]) },
    // As for the kind `command`, an output of that name is taken for them.
    figures: { ...registry.figures, ...each(() => ({ output: "figures" })) },
    curves: { ...registry.curves, ...each(() => ({ output: "curves", step: "epoch" })) },
  };
}

async function importKind(path: string): Promise<{ default: AnyKind }> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw new FlowError("kind", `${path} can't be read as the module of a kind: ${messageOf(error)}`);
  }
}

function demandsOf(kinds: readonly [name: string, path: string][]): KindRegistry["demands"] {
  return Object.fromEntries(kinds.flatMap(([name, path]) => {
    const demand = join(path, "..", "demands", basename(path));
    return isThere(demand) ? [[name, () => import(pathToFileURL(demand).href)]] : [];
  }));
}

function modulesIn(folder: string, settings: string): string[] {
  try {
    return readFolder(folder).filter(({ name, isDirectory }) => !isDirectory && name.endsWith(".ts"))
      .map(({ name }) => join(folder, name)).sort();
  } catch (error) {
    throw new FlowError(
      "settings",
      `${settings}: the folder of kinds ${folder} can't be read: ${messageOf(error)}`,
    );
  }
}
