import { expect, test } from "vitest";
import { engineAddress } from "../../../providers/kit/serve.js";

test.each([
  [[], undefined],
  [["127.0.0.1:5"], "127.0.0.1:5"],
  [["--logtostderr", "-v=9", "127.0.0.1:5"], "127.0.0.1:5"],
  [["--tracing", "file:/x", "127.0.0.1:5"], "127.0.0.1:5"],
  [["-v=9"], undefined],
])("of %j is %s", (args, expected) => {
  expect(engineAddress(args)).toBe(expected);
});
