/**
 * Lines of JSON to another process, over a socket in a folder of its own. Reading and writing it directly takes a
 * fraction of what the web streams of a child's pipes take, which would cost a short task more than its start. The other
 * end is in line_socket.ts.
 */

import { join } from "node:path";

/** The system takes no longer path of a socket; Linux takes 107 bytes. */
const LONGEST_PATH_BYTES = 100;
const CHUNK_BYTES = 1 << 16;

const encoder = new TextEncoder();

/** One end of a channel. `In` and `Out` are the lines that come and go. */
export class Channel<In, Out> {
  readonly #connection: Deno.Conn;
  #waiting = "";
  #isWriting = false;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Sends a line. If the other process has ended, `receive` returns. */
  send(line: Out): void {
    this.#waiting += `${JSON.stringify(line)}\n`;
    if (!this.#isWriting) this.#write();
  }

  /** Calls `take` with each line; returns when the other process has ended or closed its end. */
  async receive(take: (line: In) => void): Promise<void> {
    const decoder = new TextDecoder();
    const chunk = new Uint8Array(CHUNK_BYTES);
    let rest = "";
    for (;;) {
      const length = await this.#connection.read(chunk).catch(() => null);
      if (length === null) return;
      const lines = (rest + decoder.decode(chunk.subarray(0, length), { stream: true })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) take(JSON.parse(line));
    }
  }

  close(): void {
    try {
      this.#connection.close();
    } catch {
      // It is closed.
    }
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#waiting !== "") {
        const bytes = encoder.encode(this.#waiting);
        this.#waiting = "";
        for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#connection.write(rest));
      }
    } catch {
      // The other process has ended, which `receive` tells.
    } finally {
      this.#isWriting = false;
    }
  }
}

/** A place where another process can open the other end of a channel. */
export interface ChannelPlace {
  readonly path: string;
  /** Waits for it. */
  accept(): Promise<Deno.Conn>;
  /** Nobody else can open it. */
  close(): void;
}

/** @throws what the system refuses */
export function openPlace(): ChannelPlace {
  const folder = shortFolder();
  try {
    const path = join(folder, "socket");
    const listener = Deno.listen({ transport: "unix", path });
    return {
      path,
      accept: () => listener.accept(),
      close() {
        listener.close();
        Deno.removeSync(folder, { recursive: true });
      },
    };
  } catch (error) {
    Deno.removeSync(folder, { recursive: true });
    throw error;
  }
}

function shortFolder(): string {
  const folder = Deno.makeTempDirSync();
  if (encoder.encode(join(folder, "socket")).length <= LONGEST_PATH_BYTES) return folder;
  Deno.removeSync(folder);
  return Deno.makeTempDirSync({ dir: "/tmp" });
}
