// Fails when an interop test did not run: a missing rsync or a forgotten `skip` must never pass for a success.
// Reads the report that `npm test` leaves behind.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const interop = fileURLToPath(new URL("../tests/interop/", import.meta.url));

const files = report.testResults.filter(({ name }) => name.startsWith(interop));
const tests = files.flatMap(({ assertionResults }) => assertionResults);
const idle = tests.filter(({ status }) => status !== "passed");

for (const { status, fullName } of idle) console.error(`${status}: ${fullName}`);
const passed = tests.length - idle.length;
console.log(`interop: ${passed} of ${tests.length} tests in ${files.length} files passed`);
if (tests.length === 0 || idle.length > 0) process.exitCode = 1;
