/** Tables as comma-separated values (RFC 4180). */

/** Rows of cells, quoted where needed, with CRLF line ends. */
export function csvTable(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => row.map((cell) => quoted(String(cell))).join(",")).map((line) => `${line}\r\n`)
    .join("");
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
