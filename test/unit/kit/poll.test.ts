import { describe, expect, test } from "vitest";
import { poll } from "../../../providers/kit/poll.js";

const forever = new AbortController().signal;

describe("poll", () => {
  test("gives what it found, and says what it waits for", async () => {
    const said: string[] = [];
    let looks = 0;
    const until = () => (++looks < 3 ? undefined : `look ${looks}`);
    const status = (message: string) => said.push(message);
    expect(await poll({ what: "the third look", signal: forever, every: 1, status, until })).toBe("look 3");
    expect(said).toEqual(["waiting for the third look"]);
  });

  test("takes 0 and the empty text for something found", async () => {
    expect(await poll({ what: "x", signal: forever, until: () => 0 })).toBe(0);
    expect(await poll({ what: "x", signal: forever, until: () => "" })).toBe("");
  });

  test("ends with the signal's reason, also between two looks", async () => {
    const controller = new AbortController();
    const waiting = poll({
      what: "nothing",
      signal: controller.signal,
      every: 60_000,
      until: () => {
        queueMicrotask(() => controller.abort(new Error("create timed out after 1s")));
        return false;
      },
    });
    await expect(waiting).rejects.toThrow("create timed out after 1s");
  });

  test("ends with the signal's reason where the look itself was cut short", async () => {
    const controller = new AbortController();
    const until = () => {
      controller.abort(new Error("the limit"));
      throw new Error("socket hang up");
    };
    await expect(poll({ what: "x", signal: controller.signal, until })).rejects.toThrow("the limit");
  });

  test("waits out the errors that it is told to, and no others", async () => {
    const said: string[] = [];
    const errors = ["ECONNREFUSED", "ECONNREFUSED", "no rights"];
    const waiting = poll({
      what: "SSH",
      signal: forever,
      every: 1,
      status: (message) => said.push(message),
      until: () => {
        throw new Error(errors.shift());
      },
      retry: (error) => error.message === "ECONNREFUSED",
    });
    await expect(waiting).rejects.toThrow("no rights");
    expect(said).toEqual([
      "waiting for SSH",
      "waiting for SSH (ECONNREFUSED)",
      "waiting for SSH (ECONNREFUSED)",
    ]);
  });
});
