/** What a file or package that code names by URL stands for. */
import { fileURLToPath, pathToFileURL } from "node:url";
import { packageOf } from "../bundle.ts";
import { FingerprintError } from "./packages.ts";
import type { NamedFile } from "./scan.ts";
import { isMissing } from "../../system/is_there.ts";

/** `npm:` packages are named as `name@version`. What is neither file nor package has nothing to read on this machine. */
export type NamedTarget =
  | { readonly path: string }
  | { readonly package: string }
  | { readonly remote: true };

/**
 * @param imports the import map, by which `import.meta.resolve` finds bare names
 * @throws FingerprintError where what is named can't be part of a fingerprint
 */
export function targetOf(
  { specifier, by, place }: NamedFile,
  imports: Readonly<Record<string, string>>,
): NamedTarget {
  const refuse = (problem: string) =>
    new FingerprintError(`${place.file}:${place.line}: names ${specifier}, which ${problem}`);
  const isBare = by === "resolve" && !/^(\.{0,2}\/|[a-z][a-z+.-]*:)/.test(specifier);
  const [head, ...rest] = specifier.match(/^(@[^/]+\/)?[^/]+|.+/g) ?? [specifier];
  const mapped = isBare ? imports[specifier] ?? (imports[head] && imports[head] + rest.join("")) : specifier;
  if (mapped === undefined) throw refuse("is not a name of the import map in deno.json");
  if (mapped.startsWith("npm:")) return { package: packageOf(mapped) };
  if (!URL.canParse(mapped, pathToFileURL(place.file).href)) throw refuse("is no URL");
  const url = new URL(mapped, isBare ? "file:///" : pathToFileURL(place.file));
  if (url.protocol === "jsr:") throw refuse("can't be followed; use an npm package");
  if (url.protocol !== "file:") return { remote: true };
  if (isBare) throw refuse("is a module of this project; name it by its relative path");
  const path = fileURLToPath(url);
  switch (fileType(path)) {
    case "file":
      return { path };
    case "folder":
      throw refuse("is a folder, of which any file could be read; name each file in full");
    case "none":
      throw refuse("is not a file, so the code's identity can't be computed");
  }
}

function fileType(path: string): "file" | "folder" | "none" {
  try {
    const { isFile, isDirectory } = Deno.statSync(path);
    return isFile ? "file" : isDirectory ? "folder" : "none";
  } catch (error) {
    if (isMissing(error)) return "none";
    throw error;
  }
}
