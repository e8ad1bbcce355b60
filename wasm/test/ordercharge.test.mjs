import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { functions } from "../core.js";
import { load, OrderchargeError } from "../index.js";
import { byBig, orders } from "./speed.mjs";

const ordercharge = await load();
const root = fileURLToPath(new URL("../..", import.meta.url));
/** What `records/vectors` has made. */
const vectorsOf = async (name) => {
  const text = await readFile(resolve(root, process.env.CARGO_TARGET_DIR ?? "target", name), "utf8");
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
};
const wrong = '{"cust_ref": "Ä", "grand_total": 6, "items": [{"quantity": 2, "price": 2.5, "extended_amount": 5}]}';

test("the vectors give their records to the byte", async () => {
  const vectors = await vectorsOf("vectors.ndjson");
  for (const { name, order, record, fixed } of vectors) {
    assert.equal(ordercharge.call("check", order), record, name);
    assert.equal(ordercharge.fix(order, { unsafe: true }).text, fixed, name);
  }
  assert.ok(vectors.length > 300, `${vectors.length} vectors`);
});

test("comparisons and mapped orders are those of every binding to the byte", async () => {
  const vectors = await vectorsOf("cart-vectors.ndjson");
  for (const { name, cart_order, order, comparison, mapped } of vectors) {
    assert.equal(ordercharge.call("compare", order, { cart_order }), comparison, name);
    assert.equal(ordercharge.call("map", cart_order), mapped, name);
  }
  assert.ok(vectors.length > 300, `${vectors.length} vectors`);
  // All of them at once.
  const all = (key) => vectors.map((vector) => vector[key]).join("\n");
  const { comparisons, summary, errors } = ordercharge.compareAll(all("cart_order"), all("order"), { all: true });
  assert.deepEqual([comparisons.length, errors], [summary.pairs, []]);
  const made = ordercharge.map(all("cart_order"));
  assert.equal(ordercharge.checkAll(made.mapped.map(({ text }) => text).join("\n")).summary.valid, vectors.length);
});

test("a comparison", () => {
  const items = '"OrderItems": [{"SellerSKU": "MUG", "QuantityOrdered": 2, "ItemPrice": {"Amount": "27.98"}}]';
  const cart = `{"AmazonOrderId": "Ä-1", "OrderTotal": {"CurrencyCode": "USD", "Amount": "27.98"}, ${items}}`;
  const order = '{"cust_ref": "Ä-1", "items": [{"item": "MUG", "quantity": 2, "price": "27.98"}], "grand_total": "27.98"}';
  const { verdict, cart: name, differences } = ordercharge.compare(cart, order);
  assert.deepEqual([verdict, name, differences.length], ["different", "amazon", 1]);
  const { path, right, taken_from: place, how } = differences[0];
  const { places } = ordercharge.compare(`[${cart}]`, order, { places: true });
  const at = (text, [start, end]) => new TextDecoder().decode(new TextEncoder().encode(text).subarray(start, end));
  assert.equal(at(`[${cart}]`, places.cart_order), cart);
  assert.deepEqual([at(order, places.differences[0].path), at(`[${cart}]`, places.differences[0].taken_from)], ['"27.98"', '"27.98"']);
  assert.deepEqual([path, right, place, how], ["/items/0/price", "13.9900", "/OrderItems/0/ItemPrice/Amount", "as-is"]);
  const bytes = (text) => new TextEncoder().encode(text);
  assert.deepEqual(ordercharge.compare(bytes(cart), bytes(order)).differences, differences);
  const [made] = ordercharge.map(cart).mapped;
  assert.equal(ordercharge.compare(cart, made.text).verdict, "same");
  assert.deepEqual(ordercharge.map(cart.replace("27.98", "1.00")).unmapped[0].error.kind, "disagrees");
  const table = 'name = "mine"\nlines = "OrderItems"\nquantity = "QuantityOrdered"\nrow = "ItemPrice"\ntotal = "/OrderTotal"\n';
  assert.equal(ordercharge.map(cart, { cartTable: table }).mapped[0].cart, "mine");
  const two = ordercharge.compareAll(`${cart}\n{`, order, { cartSource: "cart.json" });
  assert.deepEqual([two.summary.exit, two.errors.length, two.comparisons.length], [2, 1, 1]);
  assert.match(two.errors[0], /^cart\.json: line 2,/);
  assert.throws(() => ordercharge.compare("{", order, { cartSource: "shop.json" }), /^OrderchargeError: shop\.json: line 1, column 2: /);
  assert.throws(() => ordercharge.compare(new Uint8Array([0xff]), order), OrderchargeError);
  assert.throws(() => ordercharge.compare({}, order), TypeError);
  assert.throws(() => ordercharge.compare(cart, order, { all: true }), /`all` only in `compare_all`/);
  // A byte that is not text costs one order.
  const broken = [...bytes(cart.replace("Ä-1", "A-2")), 10].map((byte) => (byte === 0x32 ? 0xff : byte));
  const left = ordercharge.compareAll(new Uint8Array([...broken, ...bytes(cart)]), order, { cartSource: "cart.json" });
  assert.deepEqual([left.summary.pairs, left.summary.different, left.errors.length], [1, 1, 1]);
  assert.match(left.errors[0], /^cart\.json: line 1, /);
  assert.throws(() => ordercharge.compare(cart, order, { cart: "shopfy" }), /did you mean shopify/);
  assert.throws(() => ordercharge.map(cart, { catr: "amazon" }), /unknown field `catr`/);
});

test("an order that is wrong", () => {
  const report = ordercharge.check(wrong);
  assert.equal(report.verdict, "invalid");
  assert.equal(report.cust_ref, "Ä");
  assert.deepEqual([report.violations[0].rule, report.violations[0].expected], ["OC105", "5"]);
  assert.equal(ordercharge.check(new TextEncoder().encode(wrong)).verdict, "invalid");
});

test("input that is not an order has the verdict unreadable, without an exception", () => {
  for (const text of ["", "null", "[", '{"a": "\0"}', "{}{}", "[]", "\ud800", new Uint8Array([0xff, 0, 1])]) {
    const { verdict, error } = ordercharge.check(text);
    assert.equal(verdict, "unreadable", JSON.stringify(text));
    assert.ok(error);
  }
});

test("a call that cannot be done throws an error that names the remedy", () => {
  assert.throws(() => ordercharge.check({ items: [] }), /expected the JSON text of an order/);
  assert.throws(() => ordercharge.check(wrong, { policy: { rounding: "up" } }), OrderchargeError);
  assert.throws(() => ordercharge.check(wrong, { polcy: {} }), /unknown field `polcy`/);
  assert.throws(() => ordercharge.explain("no-such-thing"), /no rule or mistake is called/);
  assert.throws(() => ordercharge.call("chek"), /expected check, check_all/);
});

test("a policy, a summary, repairs, explanations, generated orders", () => {
  const off = { policy: { severities: { "grand-total": "off" } } };
  assert.equal(ordercharge.check(wrong, off).verdict, "valid");
  const { records, summary } = ordercharge.checkAll(`${wrong}\n[${wrong}]\n{`, { source: "three" });
  assert.deepEqual(records.map((record) => record.verdict), ["invalid", "invalid", "unreadable"]);
  assert.deepEqual([summary.orders, summary.invalid, summary.exit, records[0].source], [3, 2, 2, "three"]);
  const generated = ordercharge.generate({ count: 20, fault: "price-is-line-total" });
  const fixed = ordercharge.fix(generated.join("\n"), { unsafe: true });
  assert.ok(fixed.repaired > 0 && ordercharge.checkAll(fixed.text).summary.invalid < 20);
  assert.equal(ordercharge.explain("OC105")[0].name, "grand-total");
  assert.ok(ordercharge.explain().length > 80);
  assert.deepEqual(ordercharge.explain("OC401").map(({ kind, name }) => [kind, name]), [["comparison", "charge-differs"]]);
});

test("violations that are not listed are counted, and a diagnosis has its witnesses", () => {
  const lines = Array.from({ length: 1500 }, () => '{"price": 1, "quantity": -1}');
  const found = ordercharge.check(`{"items": [${lines}]}`).violations.filter(({ rule }) => rule === "OC203");
  assert.deepEqual([found.length, found[0].further, found[1000].further], [1001, undefined, 500]);
  const [order] = ordercharge.generate({ count: 1, seed: 1, fault: "price-is-line-total" });
  assert.ok(ordercharge.check(order).diagnoses[0].witnesses.includes("/grand_total"));
});

test("memory is given back", async () => {
  const bytes = await readFile(new URL("../ordercharge.wasm", import.meta.url));
  const { instance } = await WebAssembly.instantiate(bytes, {});
  const fresh = functions(instance);
  const large = `{"note": "${"x".repeat(1 << 20)}", "items": [{"quantity": 1}]}`;
  const round = () => {
    fresh.check(large);
    fresh.checkAll(large, { all: true });
    fresh.fix(large);
    fresh.compareAll(large, large);
    fresh.map(large, { cartTable: 'name = "mine"\nlines = "items"\nquantity = "quantity"\nrow = "quantity"\ntotal = "/note"\n' });
    assert.throws(() => fresh.call("chek", large));
  };
  const size = () => instance.exports.memory.buffer.byteLength;
  for (let warmUp = 0; warmUp < 5; warmUp += 1) round();
  const before = size();
  for (let count = 0; count < 100; count += 1) round();
  // A megabyte that is not given back would show 100 times.
  assert.equal(size(), before);
});

test("what a call takes is given back after an exception, and places are unsigned", async () => {
  const bytes = await readFile(new URL("../ordercharge.wasm", import.meta.url));
  const { exports } = (await WebAssembly.instantiate(bytes, {})).instance;
  const taken = new Set();
  const counted = {
    memory: exports.memory,
    ordercharge_room(length) {
      const place = exports.ordercharge_room(length);
      taken.add(place);
      return place;
    },
    ordercharge_room_free(place, length) {
      assert.ok(taken.delete(place), "taken, and given back once");
      exports.ordercharge_room_free(place, length);
    },
    ordercharge_call: exports.ordercharge_call,
    ordercharge_free: exports.ordercharge_free,
  };
  assert.equal(functions({ exports: counted }).check('{"cust_ref": "\u00c4", "items": [{"quantity": 1}]}').cust_ref, "\u00c4");
  const throws = { ...counted, ordercharge_call: () => assert.fail("on purpose") };
  for (const text of ["{}", "\u00c4", new Uint8Array(3)]) {
    assert.throws(() => functions({ exports: throws }).check(text), /on purpose/);
    assert.equal(taken.size, 0);
  }
  assert.throws(() => functions({ exports: { ...counted, ordercharge_call: () => 0 } }).check("{}"), /memory is used up/);
  // A result that cannot be made a string is given back too.
  let [called, given] = [false, 0];
  const unusable = {
    ...counted,
    memory: {
      get buffer() {
        return called ? assert.fail("on purpose") : exports.memory.buffer;
      },
    },
    ordercharge_call: () => (called = true) && 8,
    ordercharge_free: () => (given += 1),
  };
  assert.throws(() => functions({ exports: unusable }).check("{}"), /on purpose/);
  assert.equal(given, 1);
  // Above 2 GiB a place arrives as a negative number.
  const high = 2 ** 31;
  const buffer = new ArrayBuffer(high + 4096);
  new Uint8Array(buffer).set(new TextEncoder().encode('{"verdict":"valid"}\0'), high + 2048);
  const places = [];
  const far = {
    memory: { buffer },
    ordercharge_room: () => (high + 64) | 0,
    ordercharge_room_free: (place) => places.push(place),
    ordercharge_call: () => (high + 2048) | 0,
    ordercharge_free: (place) => places.push(place),
  };
  assert.equal(functions({ exports: far }).check("{}").verdict, "valid");
  assert.deepEqual([...new Set(places)], [high + 2048, high + 64]);
});

test("the same right orders as JSON.parse with big.js finds", () => {
  assert.equal(byBig(orders), orders.length);
  assert.equal(ordercharge.checkAll(orders.join("\n")).summary.valid, orders.length);
  // In each third order one figure is changed, in turn a total, a line's amount and a price.
  const figures = [/"grand_total":"(\d)/, /"extended_amount":"(\d)/, /"price":"(\d)/];
  const changed = orders.slice(0, 300).map((order, at) =>
    at % 3 === 0 ? order.replace(figures[(at / 3) % 3], (all, digit) => all.slice(0, -1) + ((Number(digit) % 9) + 1)) : order,
  );
  const wrong = ordercharge.checkAll(changed.join("\n")).records.map(({ index }) => index);
  assert.deepEqual(wrong, changed.flatMap((order, at) => (byBig([order]) === 1 ? [] : [at])));
  assert.deepEqual(wrong, Array.from({ length: 100 }, (_, at) => 3 * at));
});
