/** Bundles TypeScript modules of the project with esbuild; npm packages stay outside and are listed. */
import { statSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { FlowError } from "./errors.ts";
import { own } from "./own.ts";
import { denoConfig, projectFolder } from "./project_folder.ts";

/** A module of the project with all that it imports by path, as one text. */
export interface Bundle {
  /** The text of the bundle. */
  readonly code: string;
  /** Every file it was read from (absolute, sorted), also those of which nothing was kept. */
  readonly modules: readonly string[];
  /** The modules that contribute code to the bundle. */
  readonly keptModules: readonly string[];
  /** npm packages that the kept code imports, as `name@version` of the import map (sorted). */
  readonly packages: readonly string[];
  /** Source map of `code`, as JSON. */
  readonly map: string;
}

export interface BundleProblem {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly text: string;
}

/** Modules that can't be bundled: syntax errors and imports that can't be resolved, each with file and line. */
export class BundleError extends FlowError {
  constructor(readonly entry: string, readonly problems: readonly BundleProblem[]) {
    const lines = problems.map(({ file, line, column, text }) =>
      `  ${file ?? entry}${line === undefined ? "" : `:${line}:${column! + 1}`}: ${text}`
    );
    super("bundle", `${entry} can't be read as a module:\n${lines.join("\n")}`);
  }
}

type Resolution = { path: string } | { package: string } | { builtin: string } | { error: string };

const moduleName = /\.(ts|mts|js|mjs|json)$/;

/** Resolves the import of `specifier` in the file `importer` by the rules of Deno and the import map. */
function resolveImport(specifier: string, importer: string, imports: Record<string, string>): Resolution {
  if (specifier.startsWith("node:")) return { builtin: specifier };
  if (specifier.startsWith("npm:")) return { package: packageOf(specifier) };
  if (/^\.{0,2}\//.test(specifier)) return moduleAt(resolve(dirname(importer), specifier), specifier);
  if (specifier.startsWith("file:")) return moduleAt(fileURLToPath(specifier), specifier);
  const mapped = own(imports, specifier) ?? belowPrefix(specifier, imports) ??
    own(imports, specifier.split("/").slice(0, specifier[0] === "@" ? 2 : 1).join("/"));
  if (mapped?.startsWith("npm:")) return { package: packageOf(mapped) };
  if (mapped) return moduleAt(resolve(projectFolder, mapped), specifier);
  return { error: `"${specifier}" is neither a relative path nor a name of the import map in deno.json` };
}

/** A name of the import map that ends with a slash stands for all below it. */
function belowPrefix(specifier: string, imports: Record<string, string>): string | undefined {
  const prefix = Object.keys(imports).find((name) => name.endsWith("/") && specifier.startsWith(name));
  return prefix && imports[prefix] + specifier.slice(prefix.length);
}

function moduleAt(path: string, specifier: string): Resolution {
  if (!moduleName.test(path)) return { error: `"${specifier}" is not a .ts, .js or .json file` };
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile();
  return isFile ? { path } : { error: `there is no file ${path}` };
}

/** `npm:@scope/name@1.2.3/sub` → `@scope/name@1.2.3`. */
export function packageOf(specifier: string): string {
  return specifier.slice("npm:".length).replace(/^\/+/, "").match(/^(@[^/]+\/)?[^/]+/)?.[0] ?? specifier;
}

/** The import map of deno.json. */
export function importMap(): Record<string, string> {
  return JSON.parse(Deno.readTextFileSync(denoConfig)).imports ?? {};
}

export interface BundleOptions {
  readonly format: "iife" | "esm";
  readonly globalName?: string;
  readonly minify: boolean;
  /** Whether packages and `node:` modules may be imported; if not, an import of one is an error with this reason. */
  readonly refusePackages?: string;
  /** Whether `modules` has those too of which the code uses only types, although they are not imported as such. */
  readonly everyImport?: boolean;
}

/**
 * Bundles `entry` (an absolute path) with all modules that it imports by path.
 * @throws BundleError with every syntax error and every import that can't be resolved.
 */
export async function bundle(entry: string, options: BundleOptions): Promise<Bundle> {
  const imports = importMap();
  const packageOfPath = new Map<string, string>();
  const resolver: esbuild.Plugin = {
    name: "project imports",
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, importer, kind, with: { type = "json" } }) => {
        if (kind === "entry-point") return { path };
        if (type !== "json") {
          const text =
            `"${path}" is imported as ${type}; name it by new URL("${path}", import.meta.url) and read it`;
          return { errors: [{ text }] };
        }
        const found = resolveImport(path, importer, imports);
        if ("error" in found) return { errors: [{ text: found.error }] };
        if ("path" in found) return { path: found.path };
        if (options.refusePackages) return { errors: [{ text: `"${path}": ${options.refusePackages}` }] };
        if ("package" in found) packageOfPath.set(path, found.package);
        return { path, external: true, sideEffects: "builtin" in found ? false : undefined };
      });
    },
  };
  let result;
  try {
    result = await esbuild.build({
      entryPoints: [entry],
      absWorkingDir: projectFolder,
      bundle: true,
      write: false,
      // Beside the code, so that the text of the bundle does not depend on it.
      outfile: resolve(projectFolder, "bundle.js"),
      sourcemap: "external",
      sourcesContent: false,
      metafile: true,
      format: options.format,
      globalName: options.globalName,
      // Identifiers stay as they are: how esbuild shortens them depends on code that it drops.
      minifySyntax: options.minify,
      minifyWhitespace: options.minify,
      supported: options.format === "iife" ? { "dynamic-import": false } : undefined,
      platform: "neutral",
      target: "esnext",
      charset: "utf8",
      legalComments: "none",
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: options.everyImport } },
      logLevel: "silent",
      plugins: [resolver],
    });
  } catch (error) {
    const errors = (error as esbuild.BuildFailure).errors;
    if (!errors) throw error;
    throw new BundleError(
      entry,
      errors.map(({ text, location }) => ({
        file: location ? resolve(projectFolder, location.file) : undefined,
        line: location?.line,
        column: location?.column,
        text,
      })),
    );
  }
  const [output] = Object.values(result.metafile.outputs).filter(({ entryPoint }) =>
    entryPoint !== undefined
  );
  const textOf = (ending: string) => result.outputFiles.find(({ path }) => path.endsWith(ending))!.text;
  const absolute = (path: string) => isAbsolute(path) ? path : resolve(projectFolder, path);
  const kept = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return {
    code: textOf(".js"),
    map: textOf(".map"),
    modules: Object.keys(result.metafile.inputs).map(absolute).sort(),
    keptModules: kept.map(([path]) => absolute(path)).sort(),
    packages: [...new Set(output.imports.flatMap(({ path }) => packageOfPath.get(path) ?? []))].sort(),
  };
}

/** Ends esbuild's process; the next bundle starts it again. */
export async function stopBundler(): Promise<void> {
  await esbuild.stop();
}
