/** Finds in a bundle what its code names beside its imports: files by URL, and what can't be followed. */
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { getLineInfo, type Node, parse } from "acorn";
import { resolve } from "node:path";
import type { Bundle } from "../bundle.ts";
import { projectFolder } from "../project_folder.ts";

/** A place in the code as it was written. */
export interface CodePlace {
  readonly file: string;
  readonly line: number;
}

/** A file or package that the code names by `new URL(…, import.meta.url)` or `import.meta.resolve(…)`. */
export interface NamedFile {
  readonly specifier: string;
  /** Bare names are packages for `import.meta.resolve`, and files for `new URL`. */
  readonly by: "url" | "resolve";
  readonly place: CodePlace;
  /** Whether it goes straight to a `Worker`, so that only its code matters. */
  readonly isWorker: boolean;
}

export interface Scan {
  /** In the order of the modules and of the code in them. */
  readonly named: readonly NamedFile[];
  /** Expressions by which a file could be read that no one can tell. */
  readonly unknown: readonly { readonly place: CodePlace; readonly problem: string }[];
  /** Where the code first reaches for the system: `Deno`, `process`, or a `node:` module other than `node:path`. */
  readonly impure?: { readonly place: CodePlace; readonly name: string };
}

type Tree = Node & Readonly<Record<string, unknown>>;

const SYSTEM_NAMES = new Set([
  "Deno",
  "process",
  "globalThis",
  "self",
  "eval",
  "Function",
  "fetch",
  "require",
]);

/** Modules of Node that compute with what they are given alone. */
const PURE_BUILTINS = new Set(["node:path", "node:path/posix", "node:url", "node:util", "node:assert"]);

/** Of the code that is kept in a bundle in ES module format. */
export function scanBundle(bundle: Pick<Bundle, "code" | "map">): Scan {
  const scanner = new Scanner(bundle);
  scanner.visit(parse(bundle.code, { ecmaVersion: "latest", sourceType: "module" }) as unknown as Tree);
  const { named, unknown, impure } = scanner;
  named.sort((a, b) => compare(a.place.file, b.place.file));
  return { named, unknown, impure };
}

const compare = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0;

class Scanner {
  readonly named: NamedFile[] = [];
  readonly unknown: { place: CodePlace; problem: string }[] = [];
  impure: Scan["impure"];
  readonly #bundle: Pick<Bundle, "code" | "map">;
  #map: TraceMap | undefined;

  constructor(bundle: Pick<Bundle, "code" | "map">) {
    this.#bundle = bundle;
  }

  visit(node: Tree, parent?: Tree): void {
    if (this.#isSettled(node, parent)) return;
    this.#look(node, parent);
    // A bundle has a million values that are no nodes: they are passed over without a list of them.
    for (const name in node) {
      const value = node[name];
      if (Array.isArray(value)) {
        for (const child of value) if (isNode(child)) this.visit(child, node);
      } else if (isNode(value)) {
        this.visit(value, node);
      }
    }
  }

  /** Whether the node is one of the forms that name a file, which then is noted. */
  #isSettled(node: Tree, parent: Tree | undefined): boolean {
    const byUrl = namedByUrl(node);
    const specifier = byUrl ?? namedByResolve(node);
    if (specifier !== undefined) {
      const isWorker = parent?.type === "NewExpression" && isIdentifier(parent.callee, "Worker");
      const by = byUrl === undefined ? "resolve" : "url";
      this.named.push({ specifier, by, place: this.#placeOf(node), isWorker });
      return true;
    }
    return node.type === "MemberExpression" && isImportMeta(node.object) &&
      isIdentifier(node.property, "main") && node.computed === false;
  }

  #look(node: Tree, parent: Tree | undefined): void {
    if (isImportMeta(node)) {
      this.#refuse(
        node,
        `import.meta is understood only in new URL("./file", import.meta.url) and import.meta.resolve("./file"), ` +
          "with the path as one string; name the file in one of these ways",
      );
    } else if (node.type === "ImportExpression" && !isKnownModule(node.source)) {
      this.#refuse(node, "imports a module by a computed name, which can't be followed; name it in full");
    } else if (node.type === "CallExpression" && isPattern(node.callee)) {
      this.#refuse(node, "imports modules by a pattern, which can't be followed; name each in full");
    } else if (isImportOf(node, "createRequire") || isIdentifier(node, "localStorage")) {
      this.#refuse(node, "reads what no key covers; import the file, or name it by new URL");
    }
    const name = systemName(node, parent);
    if (name !== undefined) this.impure ??= { place: this.#placeOf(node), name };
  }

  #refuse(node: Tree, problem: string): void {
    this.unknown.push({ place: this.#placeOf(node), problem });
  }

  #placeOf(node: Tree): CodePlace {
    const { code, map } = this.#bundle;
    this.#map ??= new TraceMap(map);
    // Places of all nodes would be half of the syntax tree; few are asked for.
    const { source, line } = originalPositionFor(this.#map, getLineInfo(code, node.start));
    return { file: resolve(projectFolder, source ?? ""), line: line ?? 0 };
  }
}

function isNode(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && typeof (value as Tree).type === "string";
}

function isIdentifier(node: unknown, name: string): boolean {
  return isNode(node) && node.type === "Identifier" && node.name === name;
}

function isImportMeta(node: unknown): boolean {
  return isNode(node) && node.type === "MetaProperty" && isIdentifier(node.meta, "import");
}

function isMember(node: unknown, property: string): boolean {
  return isNode(node) && node.type === "MemberExpression" && node.computed === false &&
    isImportMeta(node.object) && isIdentifier(node.property, property);
}

function isImportOf(node: Tree, name: string): boolean {
  return node.type === "ImportSpecifier" && isIdentifier(node.imported, name);
}

function namedByUrl(node: Tree): string | undefined {
  if (node.type !== "NewExpression" || !isIdentifier(node.callee, "URL")) return undefined;
  const [specifier, base] = node.arguments as Tree[];
  return isMember(base, "url") ? constantText(specifier) : undefined;
}

function namedByResolve(node: Tree): string | undefined {
  if (node.type !== "CallExpression" || !isMember(node.callee, "resolve")) return undefined;
  const [specifier, ...more] = node.arguments as Tree[];
  return more.length === 0 ? constantText(specifier) : undefined;
}

/** The function that esbuild makes of an `import(…)` of a template. */
function isPattern(callee: unknown): boolean {
  return isNode(callee) && callee.type === "Identifier" && (callee.name as string).startsWith("globImport_");
}

/** A module in an `import(…)`: named in full, or by a form that is noted by itself. */
function isKnownModule(source: unknown): boolean {
  return constantText(source) !== undefined || isNode(source) && namedByResolve(source) !== undefined;
}

/** The string that an expression always is. */
function constantText(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type !== "TemplateLiteral" || (node.expressions as Tree[]).length > 0) return undefined;
  return ((node.quasis as Tree[])[0].value as { cooked?: string }).cooked;
}

function systemName(node: Tree, parent: Tree | undefined): string | undefined {
  if (node.type === "ImportDeclaration" || node.type === "ImportExpression") {
    const source = constantText(node.source);
    return source?.startsWith("node:") && !PURE_BUILTINS.has(source) ? source : undefined;
  }
  if (node.type !== "Identifier" || !SYSTEM_NAMES.has(node.name as string)) return undefined;
  const isProperty = parent?.type === "MemberExpression" && parent.property === node && !parent.computed;
  const isKey = parent?.type === "Property" && parent.key === node && !parent.computed && !parent.shorthand;
  return isProperty || isKey ? undefined : node.name as string;
}
