/** The head of an answer over HTTP/1.1, if it is of the plainest form: a status, and the length of what follows. */

/** What it says. */
export interface PlainHead {
  readonly status: number;
  /** Bytes of the body. */
  readonly length: number;
  /** Whether the connection stays open behind it. */
  readonly stays: boolean;
}

const STATUS = /^HTTP\/1\.([01]) (\d{3})(?: [\t -~\u0080-\u00ff]*)?$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t -~\u0080-\u00ff]*)$/;
/** What makes of a body something else than so many bytes of a file. */
const NOT_PLAIN = ["transfer-encoding", "content-encoding", "content-range", "trailer", "upgrade"];
/** With these no body comes. */
const EMPTY = [204, 304];

/**
 * Reads a head.
 *
 * @param text without the empty line at its end
 * @returns `other` for any other form of HTTP, which a client is to be asked for that knows all of them
 * @throws Error where it is no HTTP
 */
export function plainHead(text: string): PlainHead | "other" {
  const [first, ...lines] = text.split("\r\n");
  const [, minor, code] = STATUS.exec(first) ?? [];
  if (code === undefined) throw new Error("it is no HTTP");
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined) throw new Error("a field of its head is no HTTP");
    const known = fields.get(name.toLowerCase());
    if (known !== undefined && /^content-length$/i.test(name)) throw new Error("it states two lengths");
    fields.set(name.toLowerCase(), known === undefined ? value.trimEnd() : `${known}, ${value.trimEnd()}`);
  }
  const status = Number(code);
  const length = EMPTY.includes(status) ? "0" : fields.get("content-length");
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw new Error("its length is no number");
  if (minor === "0" || status < 200 || length === undefined) return "other";
  if (NOT_PLAIN.some((name) => fields.has(name))) return "other";
  const stays = (fields.get("connection") ?? "keep-alive").toLowerCase() === "keep-alive";
  return { status, length: Number(length), stays };
}
