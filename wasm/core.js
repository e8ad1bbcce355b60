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
  /** Calls `use` with the place and length of a text or of bytes in the memory of the module, and frees that memory. */
  function within(text, use) {
    const length = text.length;
    // Places are unsigned, but numbers of 32 bits arrive signed.
    const place = wasm.ordercharge_room(length) >>> 0;
    try {
      const room = new Uint8Array(wasm.memory.buffer, place, length);
      // Most texts have one byte a character: they are written into the memory without a copy beside it.
      const whole = typeof text !== "string" || encoder.encodeInto(text, room).read === length;
      if (typeof text !== "string") room.set(text);
      if (whole) return use(place, length);
    } finally {
      wasm.ordercharge_room_free(place, length);
    }
    return within(encoder.encode(text), use);
  }

  /** Reads a C string and frees it. */
  function taken(place) {
    if (place === 0) throw new OrderchargeError("the memory is used up");
    try {
      const memory = new Uint8Array(wasm.memory.buffer);
      return decoder.decode(memory.subarray(place, memory.indexOf(0, place)));
    } finally {
      wasm.ordercharge_free(place);
    }
  }

  /** Calls a function by name and returns its result as a string. */
  function call(name, input = "", options = undefined) {
    required(input);
    const result = (function_, settings) =>
      within(input, (place, length) => taken(wasm.ordercharge_call(function_, place, length, settings) >>> 0));
    const text = within(`${name}\0`, (function_) =>
      options === undefined ? result(function_, 0) : within(`${JSON.stringify(options)}\0`, (settings) => result(function_, settings)),
    );
    if (text.startsWith('{"format":1,"type":"failure"')) throw new OrderchargeError(JSON.parse(text).message);
    return text;
  }

  /** Calls a function with the cart's orders and the orders as one input. */
  function both(name, cartOrders, orders, options) {
    const [first, second] = [cartOrders, orders].map((text) => (typeof required(text) === "string" ? encoder.encode(text) : text));
    const input = new Uint8Array(first.length + second.length);
    input.set(first);
    input.set(second, first.length);
    return call(name, input, { ...carts(options), cart_length: first.length });
  }

  return {
    call,
    check: (order, options) => JSON.parse(call("check", order, options)),
    checkAll(orders, options) {
      const of = records(call("check_all", orders, options));
      return { records: of("order"), summary: of("summary")[0] };
    },
    fix: (orders, options) => JSON.parse(call("fix", orders, options)),
    compare: (cartOrder, order, options) => JSON.parse(both("compare", cartOrder, order, options)),
    compareAll(cartOrders, orders, options) {
      const of = records(both("compare_all", cartOrders, orders, options));
      return { comparisons: of("comparison"), summary: of("summary")[0], errors: messages(of("error")) };
    },
    map(cartOrders, options) {
      const of = records(call("map", cartOrders, carts(options)));
      return { mapped: of("mapped"), unmapped: of("unmapped"), errors: messages(of("error")) };
    },
    explain: (name = "") => JSON.parse(call("explain", name)),
    generate: (options) => call("generate", "", options).split("\n").filter(Boolean),
    version: () => JSON.parse(call("version")).version,
  };
}

/** A string or bytes; anything else is refused. */
function required(input) {
  if (typeof input === "string" || input instanceof Uint8Array) return input;
  throw new TypeError(`expected the JSON text of an order, found ${typeof input}: numbers that went through JSON.parse have lost digits`);
}

/** The options of a comparison as the module names them. */
function carts({ cartTable, cartSource, ...options } = {}) {
  if (cartTable !== undefined) options.cart_table = cartTable;
  if (cartSource !== undefined) options.cart_source = cartSource;
  return options;
}

/** The records of a result, one a line: gives those of a type. */
function records(text) {
  const all = text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  return (kind) => all.filter(({ type }) => type === kind);
}

const messages = (found) => found.map(({ message }) => message);
