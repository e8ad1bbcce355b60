// Checks the SARIF report with the published schema, and that its regions and fixes point at the bytes of the orders.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv-draft-04";
import formats from "ajv-formats";

const fail = (why) => {
  console.error(`failed: ${why}`);
  process.exit(1);
};
const folder = process.argv[2];
const require = createRequire(import.meta.url);
const schema = require("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
formats(ajv);
const validate = ajv.compile(schema);
const sarif = JSON.parse(readFileSync(join(folder, "report.sarif"), "utf8"));
if (!validate(sarif)) fail(JSON.stringify(validate.errors.slice(0, 5), null, 1));
// The schema would notice.
const wrong = structuredClone(sarif);
wrong.runs[0].results[0].locations[0].physicalLocation.region.startLine = 0;
if (validate(wrong)) fail("the schema accepts a line 0");

const [run] = sarif.runs;
const said = run.invocations[0].toolExecutionNotifications.map((one) => one.level);
if (said.join() !== "error,note,warning") fail(`notifications: ${said}`);
const rules = run.tool.driver.rules.map((rule) => rule.id);
if (new Set(rules).size !== rules.length) fail("two descriptors have one id");
const source = readFileSync(join(folder, "orders.ndjson"));
const lines = source.toString("utf8").split("\n");
let fixes = 0;
const prints = new Set();
for (const result of run.results) {
  if (rules[result.ruleIndex] !== result.ruleId) fail(`ruleIndex of ${result.ruleId}`);
  prints.add(result.partialFingerprints["ordercharge/v1"]);
  const places = [...result.locations, ...result.relatedLocations].map((place) => place.physicalLocation.region);
  const deleted = (result.fixes ?? []).flatMap((fix) => fix.artifactChanges[0].replacements.map((one) => one.deletedRegion));
  fixes += deleted.length;
  for (const region of [...places, ...deleted]) {
    if (region.byteOffset === undefined) continue;
    const bytes = source.subarray(region.byteOffset, region.byteOffset + region.byteLength).toString("utf8");
    const text = [...lines[region.startLine - 1]].slice(region.startColumn - 1, region.endColumn - 1).join("");
    if (bytes !== text) fail(`line and bytes differ: ${JSON.stringify(region)} ${bytes} ${text}`);
  }
}
if (fixes === 0) fail("no fix");
// The orders have names of their own, so every finding has too.
if (prints.size !== run.results.length) fail(`${run.results.length} results, ${prints.size} fingerprints`);
console.log(`SARIF: ${run.results.length} results and ${rules.length} descriptors are valid; ${fixes} fixes point at their bytes`);
