import { load, OrderchargeError, type Report } from "../index.js";

const ordercharge = await load();
const report: Report = ordercharge.check('{"items": []}', { policy: { rounding: "half-even" } });
const expected: (string | null)[] = report.violations.map((violation) => violation.expected);
const sum: number = ordercharge.checkAll("[]", { all: true }).summary.orders;
const places: (string | null)[] = ordercharge.compare("{}", "{}", { edited: "current" }).differences.map((found) => found.taken_from);
const texts: string[] = ordercharge.map("{}", { cart: "shopify" }).mapped.map((made) => made.text);
// @ts-expect-error no such figures
ordercharge.map("{}", { edited: "never" });
// @ts-expect-error an object has lost digits already
ordercharge.check({ items: [] });
// @ts-expect-error no such option
ordercharge.fix("{}", { safe: true });
export default [expected, sum, places, texts, OrderchargeError];
