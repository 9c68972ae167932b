/** From the items of a task to their keys: an item depends on its own files, not on the whole of the inputs. */

import { join } from "node:path";
import { FlowError } from "../errors.ts";
import { jsonProblem } from "../json.ts";
import type { Item } from "../kind.ts";
import type {
  ActionKey,
  Artifact,
  FileDigest,
  LabelledDigest,
  Manifest,
  OutputRef,
  SourceState,
  StatOf,
} from "../store/types.ts";
import { artifactOf } from "../store/digest.ts";
import { actionKey } from "../store/manifest.ts";
import type { ResolvedInput, ResolvedTask } from "./resolve.ts";

/** The action of one item. */
export interface ItemAction {
  readonly item: Item;
  readonly key: ActionKey;
  readonly manifest: Manifest;
  /** The item's own files among the user's sources: not to have changed when its result is kept. */
  readonly sources: readonly SourceState[];
}

/** A file that an item named, with where it is looked after. */
interface ItemFile {
  readonly label: string;
  readonly digest: FileDigest;
  readonly source?: SourceState;
}

/**
 * One action an item. An item's result depends on the kind, its code and params, the item's id and facts, and the files
 * it names. The key of an item without facts is that of a manifest without `itemFacts`.
 *
 * @throws FlowError where an id is not a legal file name or comes twice, facts are not JSON, or a file is not in its input.
 */
export function itemActions(
  resolved: ResolvedTask,
  items: readonly Item[],
  artifactOfOutput: (output: OutputRef) => Artifact | undefined,
): ItemAction[] {
  const trees = new Map<string, InputTree>();
  const seen = new Set<string>();
  return items.map((item) => {
    const refuse = (problem: string) =>
      new FlowError("item-refused", `${resolved.task.id}: item ${JSON.stringify(item.id)}: ${problem}`);
    if (!/^[^/\\\p{Cc}]{1,200}$/u.test(item.id) || item.id === "." || item.id === "..") {
      throw refuse("an id must be a file name of at most 200 characters");
    }
    if (seen.has(item.id)) throw refuse("another item has this id");
    seen.add(item.id);
    const facts = "facts" in item ? { itemFacts: item.facts } : {};
    const problem = "facts" in item ? jsonProblem(item.facts, "facts") : undefined;
    if (problem !== undefined) throw refuse(problem);
    const sources: SourceState[] = [];
    const inputs: Record<string, LabelledDigest[]> = Object.create(null);
    for (const [name, paths] of Object.entries(item.files)) {
      let tree = trees.get(name);
      if (!tree) {
        trees.set(
          name,
          tree = new InputTree(resolved.inputs.filter((input) => input.name === name), artifactOfOutput),
        );
      }
      inputs[name] = paths.flatMap((path) => {
        const files = tree.find(path);
        if (files.length === 0) throw refuse(`there is no file "${path}" in input ${name}`);
        sources.push(...files.flatMap((file) => file.source ?? []));
        return files.map(({ label, digest }) => ({ label, digest }));
      });
    }
    const manifest: Manifest = { ...resolved.manifest, inputs, item: item.id, ...facts };
    return { item, key: actionKey(manifest), manifest, sources };
  });
}

/** All files of an input by the path at which the task sees them. */
class InputTree {
  readonly #files = new Map<string, ItemFile>();

  constructor(
    inputs: readonly ResolvedInput[],
    artifactOfOutput: (output: OutputRef) => Artifact | undefined,
  ) {
    for (const input of inputs) {
      const artifact = input.from === "source" ? input.source.artifact : artifactOfOutput(input.output);
      artifact?.entries.forEach((entry, i) => {
        const label = [input.label ?? "", entry.path].filter((part) => part !== "").join("/");
        this.#files.set(label, {
          label,
          digest: entry.digest,
          source: input.from === "source" ? fileState(input.source, i) : undefined,
        });
      });
    }
  }

  /** The file at `path`, or all files below it; `.` is all of the input. */
  find(path: string): ItemFile[] {
    const file = this.#files.get(path === "." ? "" : path);
    if (file) return [file];
    const all = [...this.#files.values()];
    return path === "." ? all : all.filter(({ label }) => label.startsWith(`${path}/`));
  }
}

/** The state of one file of a source. */
function fileState(source: SourceState, i: number): SourceState {
  const entry = source.artifact.entries[i];
  return {
    path: join(source.path, entry.path),
    kind: "file",
    artifact: artifactOf([{ ...entry, path: "" }]),
    keys: [source.keys[i]],
    folders: [],
    links: source.links.flatMap(({ path, key }) =>
      path.startsWith("/")
        ? [{ path, key }]
        : path === entry.path
        ? [{ path: join(source.path, path), key }]
        : []
    ),
    parents: [...source.parents, ...foldersAbove(source, entry.path)],
    unsettled: source.unsettled,
  };
}

function foldersAbove(source: SourceState, path: string): StatOf[] {
  return source.folders
    .filter((folder) => folder.path === "" || path.startsWith(`${folder.path}/`))
    .map(({ path, key }) => ({ path: join(source.path, path), key }));
}
