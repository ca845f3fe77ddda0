// Biome formats and lints; ESLint adds only the typed rules that Biome cannot check yet.
import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "**/dist/**",
      "**/node_modules/**",
      "docs/**",
      "packages/protocol/src/kernel/assembly/**",
    ],
  },
  {
    files: ["packages/*/src/**/*.ts", "bench/src/**/*.ts", "tests/**/*.ts"],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { project: ["./tests/tsconfig.json"], tsconfigRootDir: import.meta.dirname },
    },
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/only-throw-error": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        // A `default` says what becomes of the rest; without one every case must be there.
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
);
