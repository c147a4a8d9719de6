import { describe, expect, it } from "vitest";
import { explainRefusal, haproxyWords } from "../../../../providers/berth/haproxy/haproxyWords.js";
import { workersOf } from "../../../../providers/berth/haproxy/haproxyWorkers.js";
import { reloadOutcome } from "../../../../providers/berth/haproxy/reloadOutcome.js";

const path = "/etc/haproxy/haproxy.cfg";
const candidate = `${path}.candidate`;
const config = "global\ndefaults\n  mode http\nfrontend web\n  bind :80\n  balance rondrobin\n";
const refused = `[NOTICE]   (17) : haproxy version is 2.6.12-1+deb12u2
[WARNING]  (17) : config : missing timeouts for frontend 'web'.
[ALERT]    (17) : config : parsing [${candidate}:6] : 'balance' expects a known algorithm.
[ALERT]    (17) : config : Error(s) found in configuration file : ${candidate}
`;

describe("HAProxy's words about a configuration", () => {
  const words = haproxyWords(refused, candidate, path);

  it("are told apart, and name the real file", () => {
    expect(words).toEqual({
      errors: `parsing [${path}:6] : 'balance' expects a known algorithm.\nError(s) found in configuration file : ${path}`,
      warnings: ["missing timeouts for frontend 'web'."],
      lines: [6],
    });
  });

  it("are shown with the lines that they name", () => {
    expect(explainRefusal(words, config)).toBe(
      `  | parsing [${path}:6] : 'balance' expects a known algorithm.\n` +
        `  | Error(s) found in configuration file : ${path}\n` +
        "  |     6: balance rondrobin",
    );
  });

  it("are shown whole where none is an alert", () => {
    expect(haproxyWords("haproxy: not found\n", candidate, path).errors).toBe("haproxy: not found");
  });
});

describe("the master's log", () => {
  it.each([
    ["[NOTICE]   (1) : Loading success.", "success"],
    ["[WARNING]  (1) : Loading failure!", "failure"],
    ["[WARNING]  (1) : Exiting Master process... wait mode", "failure"],
    ["[NOTICE]   (1) : New worker (8) forked", undefined],
    ["10.0.0.1:4242 [21/Nov/2026] web web/s1 0/0/0/1/1 200", undefined],
  ])("line %j tells of %s", (line, outcome) => {
    expect(reloadOutcome(line)).toBe(outcome);
  });
});

describe("the process table of a container", () => {
  it("shows the master's workers, youngest first", () => {
    const titles = ["PID", "PPID", "ELAPSED", "COMMAND"];
    const rows = [
      ["100", "90", "500", "haproxy -W -f /etc/haproxy/haproxy.cfg"],
      ["101", "100", "400", "haproxy -sf 7 -W -f /etc/haproxy/haproxy.cfg"],
      ["102", "100", "20", "/usr/sbin/haproxy -sf 101 -W"],
      ["103", "90", "1", "haproxy -c -f /etc/haproxy/haproxy.cfg.candidate"],
      ["104", "100", "1", "sh"],
    ].map(([pid = "", ppid = "", elapsed = "", command = ""]) => [pid, ppid, elapsed, command]);
    expect(workersOf(titles, rows)).toEqual([
      { pid: 102, age: 20 },
      { pid: 101, age: 400 },
    ]);
  });
});
