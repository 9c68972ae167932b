/** Reads the first object's box from a Pascal VOC annotation in XML. */

import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { Box } from "../vision/masks/boxes.ts";
import { readText } from "./annotation_rows.ts";
import { DataSetError } from "./data_set_error.ts";

/** The size limit of an annotation, which normally has a few kilobytes. */
const MAX_BYTES = 256 * 2 ** 10;
const MAX_DEPTH = 64;
const CORNERS = ["xmin", "ymin", "xmax", "ymax"] as const;

// A node of a parsed document: an object with one key, the element's name, whose value is its children. The
// key of text is "#text".
type XmlNode = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  processEntities: false,
  maxNestedTags: MAX_DEPTH,
});

/**
 * The corners of the first `bndbox` in the file, as stored. Entities are not expanded, and document types are
 * rejected.
 *
 * @throws {DataSetError} if the file is too large, is not well-formed XML or is nested too deeply, or if it
 * has no box of four integers.
 */
export function readFirstBox(path: string): Box {
  const text = readText(path, MAX_BYTES);
  if (text.includes("<!DOCTYPE") || text.includes("<!ENTITY")) {
    throw new DataSetError(path, lineOf(text, "<!"), "document types and entities are not read");
  }
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    throw new DataSetError(path, valid.err.line, `the file is not well-formed XML: ${valid.err.msg}`);
  }
  let nodes: XmlNode[];
  try {
    nodes = parser.parse(text);
  } catch (cause) {
    throw new DataSetError(path, undefined, `the XML can't be read: ${(cause as Error).message}`, { cause });
  }
  const box = findFirst(nodes, "bndbox");
  if (!box) throw new DataSetError(path, undefined, "the annotation has no bndbox");
  const [x1, y1, x2, y2] = CORNERS.map((corner) => {
    const value = textOf(findFirst(box, corner));
    if (!/^\s*[+-]?\d{1,9}\s*$/.test(value)) {
      throw new DataSetError(
        path,
        lineOf(text, "<bndbox"),
        `the first bndbox's ${corner} must be an integer, but is "${value.slice(0, 40)}"`,
      );
    }
    return Number(value);
  });
  return [x1, y1, x2, y2];
}

/** The children of the first element with this name, in document order. */
function findFirst(nodes: readonly XmlNode[], name: string): XmlNode[] | undefined {
  for (const node of nodes) {
    for (const [key, children] of Object.entries(node)) {
      if (!Array.isArray(children)) continue;
      const found = key === name ? children : findFirst(children, name);
      if (found) return found;
    }
  }
}

function textOf(nodes: readonly XmlNode[] | undefined): string {
  return (nodes ?? []).map((node) => node["#text"] ?? "").join("");
}

function lineOf(text: string, piece: string): number | undefined {
  const at = text.indexOf(piece);
  return at < 0 ? undefined : text.slice(0, at).split("\n").length;
}
