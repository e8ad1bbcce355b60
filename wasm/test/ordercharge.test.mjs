import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { functions } from "../core.js";
import { load, OrderchargeError } from "../index.js";

const ordercharge = await load();
const wrong = '{"cust_ref": "Ä", "grand_total": 6, "items": [{"quantity": 2, "price": 2.5, "extended_amount": 5}]}';

test("the vectors give their records to the byte", async () => {
  const vectors = (await readFile(process.env.VECTORS ?? new URL("../../target/vectors.ndjson", import.meta.url), "utf8")).trimEnd();
  let count = 0;
  for (const line of vectors.split("\n")) {
    const { name, order, record, fixed } = JSON.parse(line);
    assert.equal(ordercharge.call("check", order), record, name);
    assert.equal(ordercharge.fix(order, { unsafe: true }).text, fixed, name);
    count += 1;
  }
  assert.ok(count > 300, `${count} vectors`);
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
  const orders = ordercharge.generate({ count: 20, fault: "price-is-line-total" });
  const fixed = ordercharge.fix(orders.join("\n"), { unsafe: true });
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
    assert.throws(() => fresh.call("chek", large));
  };
  const size = () => instance.exports.memory.buffer.byteLength;
  for (let warmUp = 0; warmUp < 5; warmUp += 1) round();
  const before = size();
  for (let count = 0; count < 100; count += 1) round();
  // A megabyte that is not given back would show 100 times.
  assert.equal(size(), before);
});

test("as many right orders as JSON.parse with big.js finds; the speeds are printed", async () => {
  const { default: Big } = await import("big.js");
  // Usual orders: three lines, amounts with two decimals, as strings.
  const cents = (amount) => `"${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, "0")}"`;
  const orders = Array.from({ length: 8000 }, (_, number) => {
    const lines = [1, 2, 3].map((line) => [((number * 37 * line) % 9000) + 100, ((number + line) % 5) + 1]);
    const total = lines.reduce((sum, [price, quantity]) => sum + price * quantity, 0);
    const items = lines.map(
      ([price, quantity], at) =>
        `{"item":"SKU-${at}","quantity":${quantity},"price":${cents(price)},"discount":"0.00","extended_amount":${cents(price * quantity)},"tax":"0.00"}`,
    );
    const totals = `"sub_total":${cents(total)},"sales_tax":"0.00","shipping_handling":"4.95","order_discount":"0.00","grand_total":${cents(total + 495)}`;
    return `{"cust_ref":"G${number}","order_source":"Shop","currency_code":"USD",${totals},"items":[${items}]}`;
  });
  const text = orders.join("\n");
  const byBig = () => {
    let right = 0;
    for (const line of orders) {
      const order = JSON.parse(line);
      let sum = Big(0);
      let good = true;
      for (const item of order.items) {
        const extended = Big(item.price ?? 0).minus(item.discount ?? 0).times(item.quantity).round(2);
        good &&= item.extended_amount == null || extended.eq(item.extended_amount);
        sum = sum.plus(item.extended_amount ?? extended);
      }
      const total = sum.plus(order.sales_tax ?? 0).plus(order.shipping_handling ?? 0).minus(order.order_discount ?? 0);
      right += good && (order.grand_total == null || total.eq(order.grand_total)) ? 1 : 0;
    }
    return right;
  };
  const time = (work) => {
    let best = Infinity;
    for (let round = 0; round < 5; round += 1) {
      const start = performance.now();
      work();
      best = Math.min(best, performance.now() - start);
    }
    return best;
  };
  const ours = time(() => assert.equal(ordercharge.checkAll(text).summary.valid, 8000));
  const theirs = time(() => assert.equal(byBig(), 8000));
  const megabytes = text.length / 1e6;
  console.log(`${(megabytes / ours * 1e3).toFixed(0)} MB/s, JSON.parse with big.js ${(megabytes / theirs * 1e3).toFixed(1)} MB/s: ${(theirs / ours).toFixed(1)} times`);
});
