// Checks the code quality report with types that others published: the compiler of TypeScript refuses an issue that differs.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const fail = (why) => {
  console.error(`failed: ${why}`);
  process.exit(1);
};
const report = readFileSync(join(process.argv[2], "report.gitlab"), "utf8");
const count = JSON.parse(report).length;
if (count === 0) fail("the report has no issues");

// What the compiler says of a report.
function errors(issues) {
  const program = `import type { Issue } from "codeclimate-types";\nexport const issues: Issue[] = ${issues};\n`;
  const file = join(process.argv[2], "report.ts");
  writeFileSync(file, program);
  const paths = { "codeclimate-types": [join(import.meta.dirname, "node_modules/codeclimate-types/index.d.ts")] };
  const options = { strict: true, noEmit: true, module: ts.ModuleKind.NodeNext, types: [], paths };
  const messages = ts.getPreEmitDiagnostics(ts.createProgram([file], options));
  return messages.map((message) => ts.flattenDiagnosticMessageText(message.messageText, "\n"));
}

const found = errors(report);
if (found.length > 0) fail(found.slice(0, 5).join("\n"));
for (const [right, wrong] of [
  ['"severity":"', '"severity":"really '],
  ['"begin":', '"starts":'],
]) {
  if (!report.includes(right)) fail(`the report has no ${right}`);
  if (errors(report.replace(right, wrong)).length === 0) fail(`the types accept ${wrong}`);
}
console.log(`GitLab: ${count} issues are Code Climate issues by the published types`);
