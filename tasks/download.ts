/** The kind `download`: fetches a file with a known digest, and optionally extracts it. */
import { z } from "zod";
import { extractArchive } from "../lib/flow/download/extract_archive.ts";
import { digestOf, DownloadError, fetchFile } from "../lib/flow/download/fetch_file.ts";
import { defineTask } from "../lib/flow/kind.ts";

const hex = (digits: number) =>
  z.string().regex(new RegExp(`^[0-9a-fA-F]{${digits}}$`), `expected ${digits} hexadecimal digits`);

export default defineTask({
  name: "download",
  about: "download a file and check its pinned digest",
  params: z.strictObject({
    /** URLs of the same file, tried in order. */
    urls: z.array(z.url({ protocol: /^https?$/ })).min(1),
    sha256: hex(64).optional(),
    /** For a file with only a published MD5 digest; requires `size`. */
    md5: hex(32).optional(),
    /** The size in bytes. */
    size: z.int().nonnegative().optional(),
    /**
     * For a file without a digest: the first download is cached and used for as long as the store keeps it.
     */
    firstUse: z.literal(true).optional(),
    /** The format of an archive to extract; without it the output is the downloaded file. */
    extract: z.enum(["tar", "tar.gz", "zip"]).optional(),
  }),
  inputs: {},
  outputs: ["data"],
  // The archive reader reads this variable when it is loaded.
  // Reading the free disk space needs the permission for statfs.
  permissions: { net: true, env: ["TESTING_TAR_FAKE_PLATFORM"], sys: ["statfs"] },
  async run(context) {
    const { urls, sha256, md5, size, firstUse, extract } = context.params;
    const isPinned = sha256 !== undefined || (md5 !== undefined && size !== undefined);
    if (!isPinned && !firstUse) {
      throw new DownloadError(
        "download-not-pinned",
        `no digest is pinned for ${
          urls[0]
        }: expected sha256, or md5 and size, or firstUse, which accepts the first download`,
      );
    }
    const partFile = `${context.scratch}/download`;
    await fetchFile({
      urls,
      expected: { sha256, md5, size },
      partFile,
      progress: (done, total) => context.progress({ done, total, unit: "bytes" }),
      log: context.log,
      signal: context.signal,
    });
    if (!isPinned) {
      const [digest, bytes] = [await digestOf(partFile, "sha256"), Deno.statSync(partFile).size];
      context.log(
        `first download of ${
          urls[0]
        }: sha256 ${digest}, ${bytes} bytes; to pin this file for other stores, run ` +
          `\`deno task pin-download workflows/archives.lock.json ${urls[0]} ${digest} ${bytes}\``,
      );
    }
    if (extract) {
      await extractArchive(partFile, extract, context.output("data"), (done) => {
        context.progress({ done, unit: "bytes extracted" });
      });
    } else {
      await moveOrCopy(partFile, context.output("data"));
    }
  },
});

/** An isolated task has its scratch folder mounted, and no file can be renamed from one mount to another. */
async function moveOrCopy(from: string, to: string): Promise<void> {
  try {
    await Deno.rename(from, to);
  } catch (error) {
    if ((error as { code?: string }).code !== "EXDEV") throw error;
    await Deno.copyFile(from, to);
  }
}
