// The module without a way to load it: for bundlers, Workers and pages that bring the bytes themselves.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The call could not be done: a name is unknown, or the options are not understood. */
export class OrderchargeError extends Error {
  name = "OrderchargeError";
}

/** The functions of a `WebAssembly.Module`, of its bytes, or of a response with its bytes. */
export async function instantiate(source) {
  const given = await source;
  if (given instanceof WebAssembly.Module) return functions(await WebAssembly.instantiate(given, {}));
  const bytes = typeof Response === "function" && given instanceof Response ? await given.arrayBuffer() : given;
  return functions((await WebAssembly.instantiate(bytes, {})).instance);
}

/** The functions of a `WebAssembly.Instance`. */
export function functions({ exports: wasm }) {
  /** Copies bytes into the memory of the module, calls `use` with their place, and frees the memory. */
  function within(bytes, use) {
    const place = wasm.ordercharge_room(bytes.length);
    try {
      new Uint8Array(wasm.memory.buffer, place, bytes.length).set(bytes);
      return use(place, bytes.length);
    } finally {
      wasm.ordercharge_room_free(place, bytes.length);
    }
  }

  /** Reads a C string and frees it. */
  function taken(place) {
    const memory = new Uint8Array(wasm.memory.buffer);
    const end = memory.indexOf(0, place);
    const text = decoder.decode(memory.subarray(place, end));
    wasm.ordercharge_free(place);
    return text;
  }

  /** Calls a function by name and returns its result as a string. */
  function call(name, input = "", options = {}) {
    const bytes = typeof input === "string" ? encoder.encode(input) : input;
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(`expected the JSON text of an order, found ${typeof input}: numbers that went through JSON.parse have lost digits`);
    }
    const text = within(encoder.encode(`${name}\0`), (function_) =>
      within(encoder.encode(`${JSON.stringify(options)}\0`), (settings) =>
        within(bytes, (place, length) => taken(wasm.ordercharge_call(function_, place, length, settings))),
      ),
    );
    if (text.startsWith('{"format":1,"type":"failure"')) throw new OrderchargeError(JSON.parse(text).message);
    return text;
  }

  return {
    call,
    check: (order, options) => JSON.parse(call("check", order, options)),
    checkAll(orders, options) {
      const records = call("check_all", orders, options).trimEnd().split("\n").map((line) => JSON.parse(line));
      return { summary: records.pop(), records };
    },
    fix: (orders, options) => JSON.parse(call("fix", orders, options)),
    explain: (name = "") => JSON.parse(call("explain", name)),
    generate: (options) => call("generate", "", options).split("\n").filter(Boolean),
    version: () => JSON.parse(call("version")).version,
  };
}
