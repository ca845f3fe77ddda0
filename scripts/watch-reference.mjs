// Writes what is made from the table of the watcher's keys: the JSON Schema that is shipped, and the reference page.
// Run after a build; a test tells when it was forgotten.
import { writeFileSync } from "node:fs";
import { watchSchemaText } from "../packages/watcher/dist/config/reference/json-schema.js";
import { referencePage } from "../packages/watcher/dist/config/reference/reference-page.js";

const path = (name) => new URL(`../${name}`, import.meta.url);

writeFileSync(path("packages/watcher/watch.schema.json"), watchSchemaText());
writeFileSync(path("docs/watch-yaml.md"), referencePage());
