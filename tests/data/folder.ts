/** Folders of files for tests of readers. */

import { dirname, join } from "node:path";
import { encodePng } from "../../lib/vision/encode.ts";
import { image } from "../../lib/vision/image.ts";

/** Runs `test` on a fresh folder with `files` (path → content), which is removed afterwards. */
export async function withFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  test: (root: string) => void | Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    for (const [path, content] of Object.entries(files)) writeFile(root, path, content);
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Writes `root`/`path` with the folders it needs. */
export function writeFile(root: string, path: string, content: string | Uint8Array): void {
  Deno.mkdirSync(dirname(join(root, path)), { recursive: true });
  if (typeof content === "string") Deno.writeTextFileSync(join(root, path), content);
  else Deno.writeFileSync(join(root, path), content);
}

/** A PNG of 20 × 10 pixels. */
export const PNG: Uint8Array = await encodePng(
  image(20, 10, "RGB", Uint8Array.from({ length: 600 }, (_, i) => i % 251)),
);
