import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseTopology, TopologyError } from "../../../components/topology/index.js";
import { rightConfiguration, wrongConfigurations } from "./wrongConfigurations.js";

function mistakes(yaml: string, secretKeys: string[] = []): string[] {
  try {
    parseTopology({ ...parse(rightConfiguration), ...parse(yaml) }, { stack: "dev", secretKeys });
    return [];
  } catch (error) {
    if (!(error instanceof TopologyError)) throw error;
    return error.issues.map(({ path, message }) => `${path}: ${message}`);
  }
}

test("what the wrong configurations differ from is right", () => {
  expect(mistakes("{}")).toEqual([]);
});

describe("a configuration with", () => {
  test.each(wrongConfigurations)("$title", ({ yaml, messages }) => {
    expect(mistakes(yaml)).toEqual(messages);
  });

  test("an encrypted value outside of berth:secrets", () => {
    expect(mistakes("{}", ["secrets", "services"])).toEqual([
      'berth:services: holds an encrypted value, which would be plain text from here on; move it to berth:secrets and name it in "secrets" of the service.',
    ]);
  });
});

test("the error itself counts and lists the mistakes", () => {
  const parseIt = () => parseTopology({ machine: {}, service: {} }, { stack: "dev" });
  expect(parseIt).toThrow(
    [
      "The stack's configuration has 2 mistakes; nothing was touched.",
      '  berth:machine: unknown key; did you mean "machines"?',
      '  berth:service: unknown key; did you mean "services"?',
    ].join("\n"),
  );
});
