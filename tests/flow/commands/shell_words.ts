/** The words of a command line as a shell splits it. */

/** Up to a comment, a pipe or a redirection; quotes are taken off. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  for (const [whole, single, double] of line.matchAll(/'([^']*)'|"([^"]*)"|[^\s'"]+/g)) {
    if (/^(#|\||>|&&|;)/.test(whole)) break;
    words.push(single ?? double ?? whole);
  }
  return words;
}
