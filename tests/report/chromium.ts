/** Headless Chromium for tests: opens a page, tells what it did, and answers questions about it. */

import { existsSync } from "node:fs";

const PATH = "/usr/bin/chromium";

export const hasChromium = existsSync(PATH);

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--remote-debugging-port=0",
];

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly scheme: "dark" | "light";
}

/** A message of the DevTools protocol. */
// deno-lint-ignore no-explicit-any -- its form depends on its method
type Message = Record<string, any>;

export class Chromium {
  readonly #answers = new Map<number, (result: Message) => void>();
  readonly #waiting = new Map<string, () => void>();
  #count = 0;
  #session = "";
  /** Errors and warnings of the console and uncaught exceptions since the page was opened. */
  readonly problems: string[] = [];
  /** Addresses that were asked for since the page was opened, without those of data in the page. */
  readonly requests: string[] = [];

  private constructor(
    readonly process: Deno.ChildProcess,
    readonly socket: WebSocket,
    readonly folder: string,
  ) {
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
  }

  static async start(): Promise<Chromium> {
    const folder = Deno.makeTempDirSync();
    const process = new Deno.Command(PATH, {
      args: [...FLAGS, `--user-data-dir=${folder}`, "about:blank"],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const address = await addressIn(process.stderr);
    const socket = new WebSocket(address);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    const chromium = new Chromium(process, socket, folder);
    const { targetInfos } = await chromium.#call("Target.getTargets");
    const { targetId } = targetInfos.find(({ type }: Message) => type === "page");
    const { sessionId } = await chromium.#call("Target.attachToTarget", { targetId, flatten: true });
    chromium.#session = sessionId;
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await chromium.#call(`${domain}.enable`);
    return chromium;
  }

  async open(url: string, { width, height, scheme }: Look): Promise<void> {
    await this.#call("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    await this.#call("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
    this.problems.length = this.requests.length = 0;
    const loaded = new Promise<void>((resolve) => this.#waiting.set("Page.loadEventFired", resolve));
    await this.#call("Page.navigate", { url });
    await loaded;
  }

  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#call("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  /** A PNG of what is seen without scrolling. */
  async screenshot(): Promise<Uint8Array> {
    return Uint8Array.fromBase64((await this.#call("Page.captureScreenshot")).data);
  }

  async close(): Promise<void> {
    await this.#call("Browser.close");
    await this.process.status;
    await new Promise<void>((resolve) => {
      if (this.socket.readyState === WebSocket.CLOSED) resolve();
      else this.socket.onclose = () => resolve();
      this.socket.close();
    });
    Deno.removeSync(this.folder, { recursive: true });
  }

  #call(method: string, params: Message = {}): Promise<Message> {
    const id = ++this.#count;
    const { promise, resolve } = Promise.withResolvers<Message>();
    this.#answers.set(id, resolve);
    this.socket.send(
      JSON.stringify({ id, method, params, ...(this.#session && { sessionId: this.#session }) }),
    );
    return promise;
  }

  #take({ id, method, params, result, error }: Message): void {
    if (id !== undefined) {
      this.#answers.get(id)?.(result ?? error);
      this.#answers.delete(id);
    } else if (method === "Runtime.exceptionThrown") {
      this.problems.push(JSON.stringify(params.exceptionDetails));
    } else if (method === "Log.entryAdded" && params.entry.level !== "info") {
      this.problems.push(JSON.stringify(params.entry));
    } else if (method === "Runtime.consoleAPICalled" && ["error", "warning"].includes(params.type)) {
      this.problems.push(JSON.stringify(params.args));
    } else if (method === "Network.requestWillBeSent" && !params.request.url.startsWith("data:")) {
      this.requests.push(params.request.url);
    }
    this.#waiting.get(method)?.();
  }
}

async function addressIn(stderr: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // What follows is read as well, or the process would wait for a reader.
  (async () => {
    for await (const bytes of stderr) {
      text += decoder.decode(bytes, { stream: true });
      const found = /DevTools listening on (ws:\S+)/.exec(text);
      if (found) resolve(found[1]);
    }
    reject(new Error(`chromium gave no address: ${text}`));
  })();
  return await promise;
}
