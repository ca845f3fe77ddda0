import { expect, test } from "vitest";
import vectors from "../../../../docs/protocol/vectors/numbers.json" with { type: "json" };
import { parseArguments, resolveSettings, serverArguments } from "./index.js";
import { parseInteger, parseSize } from "./numbers.js";
import { OptionError } from "./option-error.js";

interface NumberVector {
  option: string;
  value: string;
  sent?: string | null;
  error?: string;
}

test.each(vectors.cases as NumberVector[])("--$option=$value", ({ option, value, sent, error }) => {
  const words = () => {
    const settings = resolveSettings(parseArguments([`--${option}=${value}`, "src", "h:dst"]));
    const session = {
      direction: "push",
      transport: "shell",
      protocol: 32,
      paths: ["dst"],
    } as const;
    return serverArguments(settings, session).words;
  };
  if (error !== undefined) {
    expect(words).toThrow(new OptionError(error));
    return;
  }
  expect(words().slice(2, -2)).toEqual(sent === null ? [] : [sent]);
});

test.each([
  ["-0x10", -16],
  ["00", 0],
  ["-0", 0],
  ["\t+7", 7],
  ["-2147483648", -2147483648],
])("the integer %j is %d", (text, value) => expect(parseInteger(text, text)).toBe(value));

test.each(["08", "0x", "0xg", "-", "+", " ", "--5", "1_0"])("%j is no integer", (text) => {
  expect(() => parseInteger(text, "W")).toThrow(new OptionError("W: invalid numeric value"));
});

test("an integer far out of range is too large, not rounded", () => {
  expect(() => parseInteger("9".repeat(400), "W")).toThrow("W: number too large or too small");
  expect(() => parseInteger("-2147483649", "W")).toThrow("W: number too large or too small");
});

test("a size says its limits as people read them", () => {
  expect(() => parseSize("x", "1", { min: 1 << 20 })).toThrow(
    "--x=1 is too small (min: 1.00M or 0 for unlimited)",
  );
  expect(() => parseSize("x", "1t", { max: 1 << 29 })).toThrow("(max: 512.00M)");
});
