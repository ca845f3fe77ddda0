// Compiles src/kernel/assembly/*.ts into a TypeScript module that holds the WebAssembly bytes as base64. Does nothing when
// the sources, the compiler and this script are the ones that made the module that is there.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const assembly = new URL("../src/kernel/assembly/", import.meta.url);
const target = new URL("../src/kernel/kernel-wasm.generated.ts", import.meta.url);
const FLAGS = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--converge"];

function sourceFiles() {
  return readdirSync(assembly)
    .filter((name) => name.endsWith(".ts"))
    .sort();
}

function fingerprint(files) {
  const hash = createHash("sha256").update(FLAGS.join(" "));
  const compiler = new URL(import.meta.resolve("assemblyscript/package.json"));
  const inputs = [
    new URL(import.meta.url),
    compiler,
    ...files.map((name) => new URL(name, assembly)),
  ];
  for (const input of inputs) hash.update(readFileSync(input)).update("\0");
  return hash.digest("hex").slice(0, 32);
}

/** Our formatter does not know decorators on functions, so a source says `// @inline` where the compiler wants `@inline`. */
function decorated(source) {
  return source.replace(/^\/\/ @inline$/gm, "@inline");
}

async function compile(files) {
  const { default: asc } = await import("assemblyscript/asc");
  const sources = new Map(
    files.map((name) => [name, decorated(readFileSync(new URL(name, assembly), "utf8"))]),
  );
  let binary;
  const { error, stderr } = await asc.main(["index.ts", ...FLAGS, "--outFile", "kernel.wasm"], {
    readFile: (name) => sources.get(name.replace(/^\.\//, "")) ?? null,
    writeFile: (name, contents) => {
      if (name === "kernel.wasm") binary = contents;
    },
    listFiles: () => [],
  });
  const diagnostics = stderr.toString();
  if (diagnostics !== "") process.stderr.write(diagnostics);
  if (error !== null || binary === undefined) throw error ?? new Error("asc wrote no binary");
  return binary;
}

const files = sourceFiles();
const mark = `// Made by scripts/build-kernel.mjs from assembly/, ${fingerprint(files)}. Do not edit.`;
if (!existsSync(target) || !readFileSync(target, "utf8").startsWith(mark)) {
  const binary = await compile(files);
  const base64 = Buffer.from(binary).toString("base64");
  const text = `${mark}\n/** The kernel's WebAssembly module (${binary.length} bytes) as base64. */\nexport const KERNEL_WASM: string =\n  "${base64}";\n`;
  // Moved into place whole: a test run beside us never sees half a module.
  const temporary = new URL(`${target.href}.${process.pid}`);
  writeFileSync(temporary, text);
  renameSync(temporary, target);
  process.stdout.write(`kernel: ${binary.length} bytes\n`);
}
