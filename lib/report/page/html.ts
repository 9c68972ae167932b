/** Templates of HTML that escape every inserted value, except values that are HTML already. */

/** Text that is HTML. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | undefined | false | readonly Part[];

/** A template of HTML; texts and numbers put into it are escaped, lists joined, `undefined` and `false` left out. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, string, i) => text + textOf(parts[i - 1]) + string));
}

/** The text, safe inside elements and quoted attributes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The name of a class, with spaces at which lines can break. */
export function className(name: string): string {
  return name.replaceAll("_", " ");
}

function textOf(part: Part): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(textOf).join("");
  return escaped(String(part));
}
