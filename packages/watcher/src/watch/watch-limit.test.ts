import { describe, expect, it } from "vitest";
import { WatchLimitWarning } from "./watch-limit.js";

describe("the warning of too few watches", () => {
  it("comes when it is new or twice as bad, and ends when all directories are watched", () => {
    const figures: number[][] = [];
    const texts: string[] = [];
    const warning = new WatchLimitWarning({
      warned: (text) => texts.push(text),
      watchLimit: ({ polled, limit, needed }) => figures.push([polled, Math.sign(limit), needed]),
    });
    for (const polled of [0, 10, 15, 20, 5, 0, 0, 1]) warning.update(1_000_000, polled, 30_000);
    expect(figures).toEqual([
      [10, 1, 1_500_015],
      [20, 1, 1_500_030],
      [0, 1, 0],
      [1, 1, 1_500_002],
    ]);
    expect(texts).toHaveLength(3);
    expect(texts[0]).toContain("10 are looked at every 30 s");
    expect(texts[0]).toContain("max_user_watches=1500015");
  });
});
