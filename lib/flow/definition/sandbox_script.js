// Runs around the bundle of a workflow, in a process without permissions; `bundle` holds the bundled file and returns its
// exports. Writes one JSON object to standard output: { value }, { unfit: [{ path, what }] } or { error }.
// Only what computes from its arguments alone stays in reach, so that a definition gives the same tasks every time.
((bundle) => {
  const { stdout, exit } = Deno;
  const encoder = new TextEncoder();
  const write = (text) => {
    let bytes = encoder.encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(stdout.writeSync(bytes));
    exit(0);
  };
  const { stringify } = JSON;
  const { getPrototypeOf, prototype: plainPrototype, keys } = Object;
  const { isArray, prototype: arrayPrototype } = Array;

  const pure = new Set(
    ("Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Promise RegExp Error " +
      "AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError globalThis JSON Math Map BigInt " +
      "Set Iterator WeakMap WeakSet Proxy Reflect decodeURI decodeURIComponent encodeURI encodeURIComponent isFinite isNaN")
      .split(" "),
  );
  const refuse = (holder, name, shown) => {
    Object.defineProperty(holder, name, {
      configurable: false,
      get() {
        throw new Error(
          `a workflow is plain data that gives the same tasks every time: it can't use ${shown}`,
        );
      },
    });
  };
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!pure.has(name)) refuse(globalThis, name, name);
  }
  refuse(Math, "random", "Math.random");
  // A stack would tell the folder the command was started in.
  Object.defineProperty(Error, "stackTraceLimit", { value: 0, writable: false, configurable: false });

  /** A copy of plain data; what is none is noted with its path. */
  const copy = (value, path, above, unfit) => {
    const note = (what) => {
      if (unfit.length < 50) unfit.push({ path, what });
    };
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "number":
        if (!Number.isFinite(value)) note(String(value));
        return value;
      case "object":
        break;
      default:
        return note(typeof value === "undefined" ? "undefined" : `a ${typeof value}`);
    }
    if (value === null) return null;
    if (above.includes(value)) return note("an object that contains itself");
    if (above.length > 64) return note("nested more than 64 deep");
    const prototype = getPrototypeOf(value);
    const inside = [...above, value];
    if (isArray(value)) {
      if (prototype !== arrayPrototype) return note("a subclass of Array");
      const list = [];
      for (let i = 0; i < value.length; i++) list.push(copy(value[i], [...path, i], inside, unfit));
      return list;
    }
    if (prototype !== plainPrototype && prototype !== null) {
      return note(`an object of class ${String(value?.constructor?.name)}`);
    }
    const object = {};
    for (const key of keys(value)) {
      const part = value[key];
      if (part === undefined) continue;
      Object.defineProperty(object, key, {
        value: copy(part, [...path, key], inside, unfit),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return object;
  };

  try {
    const exports = bundle();
    if (!("default" in (exports ?? {}))) write(stringify({ error: "it has no default export" }));
    const unfit = [];
    const value = copy(exports.default, [], [], unfit);
    write(stringify(unfit.length > 0 ? { unfit } : { value }));
  } catch (error) {
    let message;
    try {
      message = String(error instanceof Error ? error.message : error);
    } catch {
      message = "it threw something that can't be shown";
    }
    write(stringify({ error: message.slice(0, 2000) }));
  }
})(() => {
  /* the bundle */
  return workflow;
});
