/** Where the page of a row of a study lies. */

/** The folder of a row's page in the folder of the report, with a slash at its end. */
export function rowFolder(row: string): string {
  return `rows/${row}/`;
}
