/** When a stat key tells every later change, by clocks of this machine and of others. */
import assert from "node:assert";
import { clockAhead, isOwnClock, ownTime } from "../../../lib/flow/store/file_clock.ts";
import { isSettled, mayHaveChangedSince, settlesIn, Settling } from "../../../lib/flow/store/settle.ts";
import { KEY_WORDS, StatKey } from "../../../lib/flow/store/stat_key.ts";
import { inTemporaryFolder } from "./scratch.ts";

const NOW = 1_750_000_000_500;
const HOUR = 3_600_000;
/** No file system has it; but where btrfs is mounted, any such may be one of its own. */
const ELSEWHERE = 0xffff0;
const ignore = isOwnClock(ELSEWHERE);

/** The key of a file on another machine's disk that changed at `time`. */
function keyOf(time: number): StatKey {
  const words = new Uint32Array(KEY_WORDS);
  const [seconds, nanoseconds] = [Math.floor(time / 1000), time % 1000 * 1e6];
  words.set([seconds, nanoseconds, seconds, nanoseconds, ELSEWHERE, 0o100644], 4);
  return new StatKey(words);
}

Deno.test({
  name: "by another machine's clock a key is settled once it was the same for longer than a tick",
  ignore,
  fn: () =>
    inTemporaryFolder((folder) => {
      const settling = new Settling(folder);
      for (const off of [-HOUR, 0, HOUR]) {
        const key = keyOf(NOW + off);
        assert.strictEqual(isSettled(key, NOW), false);
        assert.strictEqual(settling.trusts(key, NOW), false);
        assert.strictEqual(isSettled(key, NOW, NOW - 10), false);
        assert.strictEqual(isSettled(key, NOW, NOW - 30), true);
        assert.ok(settlesIn([key], NOW) > 20 && settlesIn([key], NOW) < 100);
        // A clock of whole seconds ticks less often.
        const coarse = keyOf(NOW - 500 + off);
        assert.strictEqual(isSettled(coarse, NOW, NOW - 30), false);
        assert.strictEqual(isSettled(coarse, NOW, NOW - 2100), true);
        assert.ok(settlesIn([coarse], NOW) > 2000);
      }
      // So far off no clock is.
      assert.strictEqual(isSettled(keyOf(NOW - 25 * HOUR), NOW), true);
      assert.strictEqual(isSettled(keyOf(NOW + 25 * HOUR), NOW), false);
    }),
});

Deno.test("by this machine's clock a key is settled once that has moved on", () =>
  inTemporaryFolder((folder) => {
    const path = `${folder}/file`;
    Deno.writeTextFileSync(path, "");
    const key = StatKey.of(path)!;
    if (!isOwnClock(key.device)) return;
    assert.strictEqual(clockAhead(key.device), 0);
    assert.strictEqual(ownTime(key), key.modifiedAt);
    assert.strictEqual(isSettled(key, key.changedAt), false);
    assert.strictEqual(isSettled(key, key.changedAt + 2100), true);
    // Set back meanwhile, it says nothing; that the key stays the same does.
    assert.strictEqual(isSettled(key, key.changedAt - HOUR), false);
    assert.strictEqual(isSettled(key, key.changedAt - HOUR, key.changedAt - HOUR - 2100), true);
    assert.strictEqual(mayHaveChangedSince(key, key.changedAt), true);
    assert.strictEqual(mayHaveChangedSince(key, key.changedAt + 2100), false);
  }));
