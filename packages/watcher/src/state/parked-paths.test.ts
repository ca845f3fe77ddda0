import fc from "fast-check";
import { expect, test } from "vitest";
import { ParkedPaths } from "./parked-paths.js";

const step = fc.record({
  path: fc.constantFrom("a", "b", "c", "d"),
  retryAt: fc.option(fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY), { nil: undefined }),
});

test("the first one that is due is known whatever came and went", () => {
  fc.assert(
    fc.property(fc.array(step), fc.integer({ min: 0, max: 4 }), (steps, now) => {
      const parked = new ParkedPaths();
      const model = new Map<string, number>();
      for (const { path, retryAt } of steps) {
        if (retryAt === undefined) {
          expect(parked.take(path)?.retryAt).toBe(model.get(path));
          model.delete(path);
        } else {
          parked.put(path, { entry: 0, first: 0, retryAt });
          model.set(path, retryAt);
        }
        const finite = [...model.values()].filter(Number.isFinite);
        expect(parked.nextRetry).toBe(finite.length === 0 ? null : Math.min(...finite));
      }
      const due = [...model].filter(([, retryAt]) => retryAt <= now).map(([path]) => path);
      expect(new Set(parked.due(now))).toEqual(new Set(due));
      expect(parked.size).toBe(model.size);
    }),
  );
});
