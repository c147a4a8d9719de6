import fc from "fast-check";
import { expect, test } from "vitest";
import { toRemove } from "../../../../cli/backup/repository/retention.js";

const hour = 3_600_000;
const start = Date.parse("2026-11-25T22:00:00Z");
/** Backups of a machine, so many hours ago. */
const of = (machine: string, ...hours: number[]) =>
  hours.map((ago) => ({
    id: `${machine} ${ago}`,
    machine,
    taken: new Date(start - ago * hour).toISOString(),
  }));
const none = { last: 0, daily: 0, weekly: 0, monthly: 0 };
const gone = (all: ReturnType<typeof of>, retention: Partial<typeof none>, verified: string[] = []) =>
  toRemove(all, { ...none, ...retention }, new Set(verified)).map(({ id }) => id);

test("the newest stay, and the newest of each day", () => {
  const all = of("a", 0, 1, 2, 24, 25, 48);
  expect(gone(all, { last: 2 })).toEqual(["a 2", "a 24", "a 25", "a 48"]);
  expect(gone(all, { daily: 2 })).toEqual(["a 1", "a 2", "a 25", "a 48"]);
  expect(gone(all, { last: 2, daily: 9 })).toEqual(["a 2", "a 25"]);
});

test("weeks begin on Monday, and months with the first", () => {
  // 2026-11-25 is a Wednesday: Monday is 2 days ago, the Sunday before it 3, the 31st of October 25.
  const all = of("a", 0, 2 * 24, 3 * 24, 25 * 24);
  expect(gone(all, { weekly: 2 })).toEqual(["a 48", "a 600"]);
  expect(gone(all, { monthly: 2 })).toEqual(["a 48", "a 72"]);
});

test("the newest that was verified stays, whatever the rule", () => {
  expect(gone(of("a", 0, 1, 2, 3), { last: 1 }, ["a 2", "a 3"])).toEqual(["a 1", "a 3"]);
});

test("each machine has its own, and a second run removes nothing", () => {
  const some = fc.uniqueArray(fc.nat(2000), { minLength: 1 });
  const counts = fc.record({ last: fc.nat(5), daily: fc.nat(5), weekly: fc.nat(5), monthly: fc.nat(5) });
  fc.assert(
    fc.property(some, some, counts, fc.nat(5), (one, other, retention, tried) => {
      const all = [...of("a", ...one), ...of("b", ...other)];
      const verified = all.slice(0, tried).map(({ id }) => id);
      const removed = new Set(gone(all, retention, verified));
      const left = all.filter(({ id }) => !removed.has(id));
      expect(gone(left, retention, verified)).toEqual([]);
      const alone = gone(of("b", ...other), retention, verified);
      expect([...removed].filter((id) => id.startsWith("b"))).toEqual(alone);
      const most = retention.last + retention.daily + retention.weekly + retention.monthly + 1;
      expect(left.filter(({ machine }) => machine === "a").length).toBeLessThanOrEqual(most);
      const newest = all
        .filter(({ id }) => verified.includes(id))
        .sort((x, y) => y.taken.localeCompare(x.taken))[0];
      if (newest !== undefined) expect(removed).not.toContain(newest.id);
    }),
  );
});
