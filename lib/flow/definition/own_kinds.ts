/**
 * Kinds and models outside of the project. The nearest `protoflow.json` at or above a workflow names folders; each
 * TypeScript module in them is a kind or a model, named after its file, and `demands/` beside kinds says what these need of
 * the machine.
 */

import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { isThere } from "../../system/is_there.ts";
import { FlowError } from "../errors.ts";
import { messageOf } from "../failure.ts";
import type { AnyKind, KindRegistry } from "../kind.ts";
import { modulesByName } from "./own_modules.ts";
import { withOwnModels } from "./own_models.ts";
import { readSettings, settingsFiles } from "./settings_file.ts";

/**
 * The kinds that the workflow at the absolute path `file` may name.
 *
 * @throws FlowError settings, kind where a folder can't be read or two kinds have one name
 */
export function withOwnKinds(registry: KindRegistry, file: string): KindRegistry {
  const [settings] = settingsFiles(file);
  if (settings === undefined) return registry;
  const folders = readSettings(settings);
  const isKnown = (name: string) => Object.hasOwn(registry.kinds, name);
  const ownKinds = modulesByName("kind", folders.kinds, settings, isKnown);
  const found = Object.entries(ownKinds);
  const each = <T>(of: (path: string) => T) =>
    Object.fromEntries(found.map(([name, path]) => [name, of(path)]));
  return withOwnModels({
    ...registry,
    ownKinds,
    kinds: { ...registry.kinds, ...each((path) => () => importKind(path)) },
    demands: { ...registry.demands, ...demandsOf(found) },
    // As for the kind `command`, an output of that name is taken for them.
    figures: { ...registry.figures, ...each(() => ({ output: "figures" })) },
    curves: { ...registry.curves, ...each(() => ({ output: "curves", step: "epoch" })) },
  }, modulesByName("model", folders.models, settings, () => false));
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
