// The module without a way to load it: for bundlers, Workers and pages that bring the bytes themselves.

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const strict = new TextDecoder("utf-8", { fatal: true });

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
  /** Calls `use` with the place and length of a text or of bytes in the memory of the module, and frees that memory. */
  function within(text, use) {
    // Most texts have one byte a character: they are written into the memory without a copy beside it.
    let bytes = typeof text === "string" ? undefined : text;
    let length = text.length;
    let place = wasm.ordercharge_room(length);
    if (bytes === undefined && encoder.encodeInto(text, new Uint8Array(wasm.memory.buffer, place, length)).read < length) {
      wasm.ordercharge_room_free(place, length);
      bytes = encoder.encode(text);
      length = bytes.length;
      place = wasm.ordercharge_room(length);
    }
    try {
      if (bytes !== undefined) new Uint8Array(wasm.memory.buffer, place, length).set(bytes);
      return use(place, length);
    } finally {
      wasm.ordercharge_room_free(place, length);
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
  function call(name, input = "", options = undefined) {
    if (typeof input !== "string" && !(input instanceof Uint8Array)) {
      throw new TypeError(`expected the JSON text of an order, found ${typeof input}: numbers that went through JSON.parse have lost digits`);
    }
    const result = (function_, settings) =>
      within(input, (place, length) => taken(wasm.ordercharge_call(function_, place, length, settings)));
    const text = within(`${name}\0`, (function_) =>
      options === undefined ? result(function_, 0) : within(`${JSON.stringify(options)}\0`, (settings) => result(function_, settings)),
    );
    if (text.startsWith('{"format":1,"type":"failure"')) throw new OrderchargeError(JSON.parse(text).message);
    return text;
  }

  /** The options of a comparison as the module names them, with the text of the cart's order. */
  function carts({ cartTable, cartSource, ...options } = {}, cartOrder) {
    if (cartTable !== undefined) options.cart_table = cartTable;
    if (cartSource !== undefined) options.cart_source = cartSource;
    if (cartOrder !== undefined) options.cart_order = typeof cartOrder === "string" ? cartOrder : strict.decode(cartOrder);
    return options;
  }

  /** The records of a call, each with its type. */
  const lines = (text) => text.trimEnd().split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const errors = (records) => records.filter(({ type }) => type === "error").map(({ message }) => message);

  return {
    call,
    check: (order, options) => JSON.parse(call("check", order, options)),
    checkAll(orders, options) {
      const records = lines(call("check_all", orders, options));
      return { summary: records.pop(), records };
    },
    fix: (orders, options) => JSON.parse(call("fix", orders, options)),
    compare: (cartOrder, order, options) => JSON.parse(call("compare", order, carts(options, cartOrder))),
    compareAll(cartOrders, orders, options) {
      const records = lines(call("compare_all", orders, carts(options, cartOrders)));
      const summary = records.pop();
      return { summary, comparisons: records.filter(({ type }) => type === "comparison"), errors: errors(records) };
    },
    map(cartOrders, options) {
      const records = lines(call("map", cartOrders, carts(options)));
      const of = (kind) => records.filter(({ type }) => type === kind);
      return { mapped: of("mapped"), unmapped: of("unmapped"), errors: errors(records) };
    },
    explain: (name = "") => JSON.parse(call("explain", name)),
    generate: (options) => call("generate", "", options).split("\n").filter(Boolean),
    version: () => JSON.parse(call("version")).version,
  };
}
