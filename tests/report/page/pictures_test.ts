/** Pictures of the report: their size, and how saliency colours them. */

import assert from "node:assert/strict";
import { atMost, glowing, picture } from "../../../lib/report/page/pictures.ts";
import { decodeBytes } from "../../../lib/vision/decode.ts";
import { image } from "../../../lib/vision/image.ts";

Deno.test("pictures keep their shape and are never made larger", () => {
  const { width, height } = atMost(image(400, 100, "RGB"), 100);
  assert.deepEqual([width, height], [100, 25]);
  const small = image(8, 3, "RGB");
  assert.equal(atMost(small, 100), small);
  assert.deepEqual(atMost(image(1000, 2, "RGB"), 10).height, 1);
});

Deno.test("pixels that count glow by how much they do, the others stay under them in muted colours", () => {
  const source = image(4, 1, "RGB", new Uint8Array(12).fill(100));
  const { data } = glowing(source, Float32Array.of(0, 1, 4, 0));
  const pixel = (i: number) => [...data.subarray(3 * i, 3 * i + 3)];
  assert.deepEqual(pixel(0), [100, 100, 100]);
  assert.ok(pixel(2)[0] > pixel(1)[0] && pixel(1)[0] > 150, `${pixel(1)} ${pixel(2)}`);
  assert.deepEqual(glowing(source, new Float32Array(4)).data, source.data, "a map of zeros shows the view");
});

Deno.test("a picture is a JPEG in the page, with its frame", async () => {
  const { text } = await picture(image(16, 8, "RGB", new Uint8Array(384).fill(200)), '"a" <bird>', {
    left: 0.25,
    top: 0,
    width: 0.5,
    height: 1,
  });
  const [, bytes] = /src="data:image\/jpeg;base64,([^"]*)"/.exec(text)!;
  const decoded = await decodeBytes(Uint8Array.fromBase64(bytes), "picture.jpg");
  assert.deepEqual([decoded.width, decoded.height], [16, 8]);
  assert.match(text, /alt="&#34;a&#34; &#60;bird&#62;"/);
  assert.match(text, /style="left:25%;top:0%;width:50%;height:100%"/);
});
