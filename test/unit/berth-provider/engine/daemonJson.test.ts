import { describe, expect, it } from "vitest";
import {
  canReload,
  daemonJsonText,
  parseDaemonJson,
  sameSettings,
} from "../../../../providers/berth/engine/daemonJson.js";

describe("daemon.json", () => {
  it("is the same text whatever the order of its settings", () => {
    const one = daemonJsonText({
      labels: ["b", "a"],
      debug: true,
      "log-opts": { "max-size": "1m", "max-file": "2" },
    });
    const other = daemonJsonText({
      "log-opts": { "max-file": "2", "max-size": "1m" },
      debug: true,
      labels: ["b", "a"],
    });
    expect(one).toBe(other);
    expect(JSON.parse(one)).toEqual({
      debug: true,
      labels: ["b", "a"],
      "log-opts": { "max-size": "1m", "max-file": "2" },
    });
  });

  it.each([
    ["a missing file", undefined, {}],
    ["an empty file", " \n", {}],
    ["settings", '{ "debug": true }', { debug: true }],
    ["no JSON", "{ debug", undefined],
    ["a list", "[]", undefined],
  ])("reads %s", (_, text, settings) => {
    expect(parseDaemonJson(text)).toEqual(settings);
  });

  it("compares settings and not their layout", () => {
    expect(
      sameSettings(parseDaemonJson('{"debug":true,"bip":"10.0.0.1/24"}'), {
        bip: "10.0.0.1/24",
        debug: true,
      }),
    ).toBe(true);
    expect(sameSettings(undefined, {})).toBe(false);
  });
});

describe("a change of daemon.json", () => {
  it.each([
    ["a setting that can be reloaded", { debug: false }, { debug: true }, true],
    ["a new one", {}, { "live-restore": true }, true],
    [
      "several, beside one that stays",
      { bip: "10.0.0.1/24" },
      { bip: "10.0.0.1/24", labels: ["a"], debug: true },
      true,
    ],
    ["a setting that cannot", { bip: "10.0.0.1/24" }, { bip: "10.0.1.1/24" }, false],
    ["both kinds", {}, { debug: true, "log-driver": "local" }, false],
    ["a setting that is taken out", { debug: true }, {}, false],
    ["a file that was no JSON", undefined, { debug: true }, false],
  ])("with %s", (_, before, after, reload) => {
    expect(canReload(before, after)).toBe(reload);
  });
});
