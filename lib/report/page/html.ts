/** HTML as text in which all inserted values are escaped, except those that are HTML already. */

/** Text that is HTML. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | undefined | false | readonly Part[];

/** A template of HTML; texts and numbers put into it are escaped, lists joined, `undefined` and `false` left out. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, string, i) => text + textOf(parts[i - 1]) + string));
}

/** The place in a page's text is safe in elements and in quoted attributes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A class's name that can be broken into lines. */
export function className(name: string): string {
  return name.replaceAll("_", " ");
}

function textOf(part: Part): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(textOf).join("");
  return escaped(String(part));
}
