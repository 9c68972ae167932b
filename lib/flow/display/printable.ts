/** Text as a terminal may show it: whoever wrote it, it neither moves the cursor nor turns the direction of a line. */

/** Control characters except newline and tab, line separators, and marks that change the direction of text. */
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** `text` with U+FFFD in place of each character that would steer a terminal. */
export function printable(text: string): string {
  return text.replace(STEERING, "\ufffd");
}

/** `text` on a single line. */
export function oneLine(text: string): string {
  return text.replace(/\s*[\n\r\t]\s*/g, " ");
}

/** The JSON of a value, with escapes for the characters that would steer a terminal: it says the same to a reader. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(STEERING, (c) => {
    return `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
