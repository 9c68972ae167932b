/** Reads an image by a native library, which the permissions of Deno do not reach. */

import sharp from "sharp";
import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "image_reader",
  about: "the size of an image",
  params: z.strictObject({ path: z.string() }),
  inputs: {},
  outputs: ["size"],
  permissions: { ffi: true, env: true, sys: true },
  async run({ params, output }) {
    const { width, height } = await sharp(params.path).metadata();
    Deno.writeTextFileSync(output("size"), `${width} x ${height}`);
  },
});
