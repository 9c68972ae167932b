/** Tables in LaTeX, in the rules of the package booktabs. */

/** A table of left-aligned cells, which are LaTeX already. */
export function latexTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `${cells.join(" & ")} \\\\\n`;
  return `\\begin{tabular}{${"l".repeat(header.length)}}\n\\toprule\n${line(header)}` +
    `\\midrule\n${rows.map(line).join("")}\\bottomrule\n\\end{tabular}\n`;
}

/** A row's name as the reference implementation prints it: `%` alone is escaped. */
export function rowName(name: string): string {
  return name.replaceAll("%", "\\%");
}

const COMMANDS: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
};

/** Any text, with the characters escaped that LaTeX treats as commands. */
export function latexText(text: string): string {
  return text.replace(/[\\~^#$%&_{}]/g, (character) => COMMANDS[character] ?? `\\${character}`);
}
