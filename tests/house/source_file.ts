/** What the checks of the house know about a source file, read from its syntax tree: imports, exports, functions. */
import { dirname, join } from "node:path";

type Node = Deno.lint.Node;

/** An import, a re-export or an `import("…")` (as a value or a type) of a file of the project. */
export interface Import {
  /** The imported file, relative to the project's folder. */
  readonly path: string;
  /** What is imported by name; `*` for the whole module. */
  readonly names: readonly string[];
  /** Whether the file is loaded with the one that imports it: no `import type`, no `import("…")`. */
  readonly loads: boolean;
  readonly line: number;
}

/** An exported class, function, constant or type. */
export interface Export {
  readonly name: string;
  readonly isType: boolean;
  /** Whether a doc comment stands right before it. */
  readonly documented: boolean;
  readonly line: number;
}

/** A function, method or accessor with a body. */
export interface FunctionSize {
  readonly name: string;
  readonly line: number;
  /** Its lines, without those of the array and object literals of plain data in it. */
  readonly lines: number;
}

/** A parsed file; `path` is relative to the project's folder. */
export interface SourceFile {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  readonly functions: readonly FunctionSize[];
}

/** Parses the text of the file at `path`. */
export function parseSource(path: string, text: string): SourceFile {
  const imports: Import[] = [];
  const exports: Export[] = [];
  const functions: FunctionSize[] = [];
  const tables: Lines[] = [];
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map((found) => found.index + 1)];
  const lineOf = (offset: number) => lineStarts.findLastIndex((start) => start <= offset) + 1;
  const linesOf = (node: Node): Lines => ({ first: lineOf(node.range[0]), last: lineOf(node.range[1]) });

  function addImport(node: Node, specifier: string, names: readonly string[]): void {
    if (!specifier.startsWith(".")) return;
    const loads = node.type === "ImportDeclaration"
      ? node.importKind !== "type"
      : node.type === "ExportAllDeclaration" ||
        node.type === "ExportNamedDeclaration" && node.exportKind !== "type";
    imports.push({ path: join(dirname(path), specifier), names, loads, line: linesOf(node).first });
  }
  function addExport(node: Node, names: readonly string[], isType = false): void {
    const documented = /\/\*\*(?:(?!\*\/)[^])*\*\/\s*(?:\/\/.*\s*)*$/.test(text.slice(0, node.range[0]));
    for (const name of names) exports.push({ name, isType, documented, line: linesOf(node).first });
  }
  function addFunction(node: Node, name: string): void {
    const own = linesOf(node);
    const inTables = outermost(tables).filter((table) => table.first >= own.first && table.last <= own.last);
    const skipped = inTables.reduce((sum, table) => sum + Math.max(0, table.last - table.first - 1), 0);
    functions.push({ name, line: own.first, lines: own.last - own.first + 1 - skipped });
  }

  const visitor: Deno.lint.LintVisitor = {
    ImportDeclaration: (node) => addImport(node, node.source.value, importedNames(node)),
    ExportAllDeclaration: (node) => addImport(node, node.source.value, ["*"]),
    ImportExpression(node) {
      if (node.source.type === "Literal") addImport(node, String(node.source.value), ["*"]);
    },
    TSImportType(node) {
      if (node.argument.type === "TSLiteralType" && node.argument.literal.type === "Literal") {
        addImport(node, String(node.argument.literal.value), [node.qualifier ? nameOf(node.qualifier) : "*"]);
      }
    },
    ExportNamedDeclaration(node) {
      if (node.source) addImport(node, node.source.value, node.specifiers.map(({ local }) => nameOf(local)));
      else if (node.declaration) addExport(node, declaredNames(node.declaration), isType(node.declaration));
    },
    ExportDefaultDeclaration: (node) => addExport(node, ["default"]),
    "ArrayExpression:exit": (node: Node) => void (isTable(node) && tables.push(linesOf(node))),
    "ObjectExpression:exit": (node: Node) => void (isTable(node) && tables.push(linesOf(node))),
    "FunctionDeclaration:exit": (node: Deno.lint.FunctionDeclaration) =>
      addFunction(node, node.id?.name ?? "default"),
    "FunctionExpression:exit": (node: Node) => addFunction(node, ownerName(node)),
    "ArrowFunctionExpression:exit": (node: Node) => addFunction(node, ownerName(node)),
  };
  Deno.lint.runPlugin({ name: "house", rules: { read: { create: () => visitor } } }, path, text);
  return { path, lines: lineStarts.length - 1, imports, exports, functions };
}

interface Lines {
  readonly first: number;
  readonly last: number;
}

function outermost(tables: readonly Lines[]): Lines[] {
  return tables.filter((table) =>
    !tables.some((other) => other !== table && other.first <= table.first && other.last >= table.last)
  );
}

/** Whether a literal is plain data: no function and no branch in it. */
function isTable(node: Node): boolean {
  switch (node.type) {
    case "ArrayExpression":
      return node.elements.every((element) => element !== null && isTable(element));
    case "ObjectExpression":
      return node.properties.every((property) => property.type === "Property" && isTable(property.value));
    case "NewExpression":
    case "CallExpression":
      return node.arguments.every(isTable);
    case "UnaryExpression":
      return isTable(node.argument);
    case "TSAsExpression":
      return isTable(node.expression);
    default:
      return ["Literal", "Identifier", "MemberExpression", "TemplateLiteral"].includes(node.type);
  }
}

function importedNames(node: Deno.lint.ImportDeclaration): string[] {
  return node.specifiers.map((specifier) => {
    if (specifier.type === "ImportNamespaceSpecifier") return "*";
    return specifier.type === "ImportDefaultSpecifier" ? "default" : nameOf(specifier.imported);
  });
}

function declaredNames(declaration: Node): string[] {
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) => boundNames(id));
  }
  return "id" in declaration && declaration.id ? [nameOf(declaration.id as Node)] : [];
}

function isType({ type }: Node): boolean {
  return ["ClassDeclaration", "TSEnumDeclaration", "TSInterfaceDeclaration", "TSTypeAliasDeclaration"]
    .includes(type);
}

function boundNames(pattern: Node): string[] {
  if (pattern.type !== "ObjectPattern") return [nameOf(pattern)];
  return pattern.properties.flatMap((property) =>
    property.type === "Property" ? boundNames(property.value) : []
  );
}

function nameOf(node: Node): string {
  if (node.type === "Identifier" || node.type === "PrivateIdentifier") return node.name;
  return node.type === "Literal" ? String(node.value) : node.type;
}

/** The name of the method, property or variable that holds a function expression. */
function ownerName(node: Node): string {
  const parent = "parent" in node ? node.parent as Node | undefined : undefined;
  if (!parent) return "function";
  if (parent.type === "MethodDefinition" || parent.type === "Property") return nameOf(parent.key as Node);
  if (parent.type === "VariableDeclarator") return nameOf(parent.id);
  return "function";
}
