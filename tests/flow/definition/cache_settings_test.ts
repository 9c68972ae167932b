/** Shared caches in `protoflow.json`. */

import assert from "node:assert/strict";
import { readSettings } from "../../../lib/flow/definition/settings_file.ts";

function settingsOf(content: object): ReturnType<typeof readSettings> {
  const file = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(file, JSON.stringify(content));
    return readSettings(file);
  } finally {
    Deno.removeSync(file);
  }
}

Deno.test("caches and trusted keys are read, and a cache is written to unless it says otherwise", () => {
  const key = `ed25519:${"A".repeat(43)}=`;
  const { caches, trustedKeys } = settingsOf({
    caches: [
      { url: "https://c.example/p" },
      { url: "http://nas.local", plainHttp: true, write: false, credentials: "TOKEN" },
    ],
    trustedKeys: [key],
  });
  assert.deepEqual(caches, [
    { url: "https://c.example/p", write: true },
    { url: "http://nas.local", write: false, credentials: "TOKEN" },
  ]);
  assert.deepEqual(trustedKeys, [key]);
  assert.deepEqual(settingsOf({}).caches, []);
});

Deno.test("an error in the caches names what is expected, and shows no password", () => {
  for (
    const [settings, expected] of [
      [{ caches: "https://c.example" }, /expected a list such as/],
      [{ caches: ["https://c.example"] }, /the fields url, write, credentials and plainHttp/],
      [{ caches: [null] }, /the fields url, write, credentials and plainHttp/],
      [{ caches: [{ url: "https://c.example", cached: true }] }, /the fields url, write/],
      [{ caches: [{ url: "http://c.example" }] }, /plain HTTP can be read/],
      [{ caches: [{ url: "https://me:secret@c.example" }] }, /credentials do not belong there/],
      [{ trustedKeys: ["ed25519:short"] }, /as `deno task key` prints them/],
      [{ trustedKeys: "ed25519:short" }, /a list of public keys/],
    ] as const
  ) {
    assert.throws(() => settingsOf(settings), (error: Error) => {
      assert.match(error.message, expected);
      return !error.message.includes("secret");
    });
  }
});
