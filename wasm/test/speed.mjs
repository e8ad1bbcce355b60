// The speed beside JSON.parse with big.js: `node test/speed.mjs`. Both check the same orders, in turns, after a warm-up; the median
// of the rounds counts. The test of the module takes the orders and the other check from here.

import { fileURLToPath } from "node:url";
import Big from "big.js";

// Usual orders: three lines, amounts with two decimals, as strings.
const cents = (amount) => `"${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, "0")}"`;
export const orders = Array.from({ length: 8000 }, (_, number) => {
  const lines = [1, 2, 3].map((line) => [((number * 37 * line) % 9000) + 100, ((number + line) % 5) + 1]);
  const total = lines.reduce((sum, [price, quantity]) => sum + price * quantity, 0);
  const items = lines.map(
    ([price, quantity], at) =>
      `{"item":"SKU-${at}","quantity":${quantity},"price":${cents(price)},"discount":"0.00","extended_amount":${cents(price * quantity)},"tax":"0.00"}`,
  );
  const totals = `"sub_total":${cents(total)},"sales_tax":"0.00","shipping_handling":"4.95","order_discount":"0.00","grand_total":${cents(total + 495)}`;
  return `{"cust_ref":"G${number}","order_source":"Shop","currency_code":"USD",${totals},"items":[${items}]}`;
});

/** How many orders have right lines and a right total, by JSON.parse and big.js: less than the module checks. */
export function byBig(texts) {
  let right = 0;
  for (const line of texts) {
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
}

/** The milliseconds of each kind of work: the median of rounds in which they take turns. */
function measured(works, rounds) {
  const times = works.map(() => []);
  for (let round = -3; round < rounds; round += 1) {
    works.forEach((work, at) => {
      const start = performance.now();
      if (work() !== orders.length) throw new Error(`expected ${orders.length} right orders`);
      if (round >= 0) times[at].push(performance.now() - start);
    });
  }
  return times.map((all) => all.sort((one, other) => one - other)[Math.floor(all.length / 2)]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { load } = await import("../index.js");
  const ordercharge = await load();
  const text = orders.join("\n");
  const bytes = new TextEncoder().encode(text);
  const parse = () => orders.reduce((count, order) => count + (JSON.parse(order).items.length === 3), 0);
  const all = (input) => () => ordercharge.checkAll(input).summary.valid;
  const each = () => orders.reduce((count, order) => count + (ordercharge.check(order).verdict === "valid"), 0);
  const works = { "checkAll of bytes": all(bytes), "checkAll of a string": all(text), "check, one by one": each, "JSON.parse alone": parse, "JSON.parse with big.js": () => byBig(orders) };
  const times = measured(Object.values(works), Number(process.argv[2] ?? 21));
  const base = times.at(-1);
  Object.keys(works).forEach((name, at) => {
    const [speed, ratio] = [bytes.length / 1e3 / times[at], base / times[at]];
    console.log(`${name.padEnd(24)} ${speed.toFixed(1).padStart(6)} MB/s  ${ratio.toFixed(1).padStart(5)} times JSON.parse with big.js`);
  });
}
