/** A photograph of 42 megapixels with 2,000 masks needs less than 2 GB from its file to its views. */

import { ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const WIDTH = 7952;
const HEIGHT = 5304;

Deno.test({
  name: "42 megapixels with 2,000 masks are segmented, measured and cut in 2 GB",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = Deno.makeTempDirSync();
    try {
      const small = Uint8Array.from({ length: 3 * 40 * 30 }, (_, i) => (i * 37) % 256);
      const picture = sharp(small, { raw: { width: 40, height: 30, channels: 3 } });
      await picture.resize(WIDTH, HEIGHT, { fit: "fill" }).jpeg().toFile(join(folder, "photograph.jpg"));
      const object = sharp(Uint8Array.from({ length: 12 }, (_, i) => i % 4 < 2 ? 0 : 255), {
        raw: { width: 4, height: 3, channels: 1 },
      });
      await object.resize(WIDTH, HEIGHT, { fit: "fill", kernel: "nearest" }).toColourspace("b-w").png()
        .toFile(join(folder, "object.png"));
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "-A",
          "--no-check",
          fileURLToPath(new URL("large_photograph_worker.ts", import.meta.url)),
          folder,
        ],
      }).output();
      ok(success, new TextDecoder().decode(stderr));
      const { masks, measured, covered, views, automatic, peak } = JSON.parse(
        new TextDecoder().decode(stdout),
      );
      strictEqual(masks, 2025);
      strictEqual(measured, 2025);
      strictEqual(covered, 2);
      strictEqual(views, 2000);
      ok(automatic > 5, `${automatic} automatic masks`);
      ok(peak < 2000, `${peak} MB`);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
