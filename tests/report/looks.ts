/** How every page must look: whole in a narrow and a wide window, in light and in dark, with nothing fetched. */

import assert from "node:assert/strict";
import axe from "axe-core";
import { decodeBytes } from "../../lib/vision/decode.ts";
import type { Chromium } from "./chromium.ts";

/** @param expected the page's title, and how many pictures it has */
export async function assertLooksRight(
  chromium: Chromium,
  url: string,
  { fetched = [], ...expected }: {
    readonly title: string;
    readonly images: number;
    /** Addresses beside the page's. */
    readonly fetched?: readonly string[];
  },
  /** Resolves when the page shows all that it is to show. */
  ready: (chromium: Chromium) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const width of [360, 1280]) {
    const brightness: number[] = [];
    for (const scheme of ["light", "dark"] as const) {
      await chromium.open(url, { width, height: 800, scheme });
      await ready(chromium);
      assert.deepEqual(chromium.problems, []);
      assert.deepEqual(chromium.requests, [url, ...fetched], "nothing else is fetched");
      const seen = await chromium.evaluate<Record<string, unknown>>(`({
        broken: window.broken ?? 0,
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        incomplete: [...document.images].filter((image) => !image.complete || image.naturalWidth === 0).length,
        images: document.images.length,
        title: document.title,
      })`);
      assert.deepEqual(seen, { broken: 0, overflow: 0, incomplete: 0, ...expected });
      assert.deepEqual(await violationsOn(chromium), []);
      const shot = await decodeBytes(await chromium.screenshot(), "screenshot.png");
      brightness.push(shot.data.reduce((sum, value) => sum + value, 0) / shot.data.length);
    }
    assert.ok(brightness[0] > 200 && brightness[1] < 80, `light and dark: ${brightness}`);
  }
}

/** What axe-core calls serious or critical: "rule: element". */
async function violationsOn(chromium: Chromium): Promise<string[]> {
  await chromium.evaluate(`${axe.source}; undefined`);
  return await chromium.evaluate<string[]>(`(async () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    for (const details of document.querySelectorAll("details")) details.open = false;
    return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
      .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ": " + target + " " + failureSummary));
  })()`);
}
