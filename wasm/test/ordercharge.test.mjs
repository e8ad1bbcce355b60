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
  assert.throws(() => ordercharge.compare("{", order), OrderchargeError);
  assert.throws(() => ordercharge.compare(new Uint8Array([0xff]), order), TypeError);
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

test("as many right orders as JSON.parse with big.js finds", () => {
  assert.equal(byBig(), orders.length);
  assert.equal(ordercharge.checkAll(orders.join("\n")).summary.valid, orders.length);
});
