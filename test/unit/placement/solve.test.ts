import fc from "fast-check";
import { expect, test } from "vitest";
import { solve } from "../../../components/placement/index.js";
import { bruteForce } from "./support/bruteForce.js";
import { ignoresOrder, isMonotone, isValid, staysWhereItIs } from "./support/checks.js";
import { problems } from "./support/problems.js";

const medium = problems({ machines: 6, replicas: 12 });
const small = problems({ machines: 4, replicas: 5 });

test("never over capacity and never against a constraint", () => {
  fc.assert(fc.property(medium, isValid), { numRuns: 500 });
});

test("nothing moves when nothing changed", () => {
  fc.assert(fc.property(medium, staysWhereItIs), { numRuns: 300 });
});

test("the order of the input means nothing", () => {
  fc.assert(fc.property(medium, ignoresOrder), { numRuns: 300 });
});

test("a machine more makes nothing impossible", () => {
  fc.assert(fc.property(small, isMonotone), { numRuns: 300 });
});

test("the best of all placements, moves included, whatever the constraints", () => {
  fc.assert(
    fc.property(small, (problem) => {
      const { measures, proven } = solve(problem);
      expect(proven).toBe(true);
      expect(measures).toEqual(bruteForce(problem));
    }),
    { numRuns: 300 },
  );
});
