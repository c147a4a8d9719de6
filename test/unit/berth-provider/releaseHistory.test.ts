import { expect, test, vi } from "vitest";
import { releaseHistory } from "../../../providers/berth/releaseHistory.js";
import { testCall } from "./support/testCall.js";

const update = async (state: { releases: readonly { image: string; since: string }[] }, image: string) => {
  const inputs = { image };
  return (await releaseHistory.update?.({ id: "web", state, oldInputs: inputs, inputs }, testCall()))!;
};

test("each image is a release, the newest first, with the time when it was brought up", async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  try {
    const { state } = await releaseHistory.create({ image: "web@a" }, testCall());
    expect(state.releases).toEqual([{ image: "web@a", since: "2026-01-01T00:00:00.000Z" }]);
    vi.setSystemTime(Date.UTC(2026, 0, 2));
    expect(await update(state, "web@b")).toEqual({
      releases: [{ image: "web@b", since: "2026-01-02T00:00:00.000Z" }, ...state.releases],
    });
  } finally {
    vi.useRealTimers();
  }
});

test("fifty are kept", async () => {
  let { state } = await releaseHistory.create({ image: "0" }, testCall());
  for (let number = 1; number < 60; number++) state = await update(state, String(number));
  expect(state.releases.map(({ image }) => image)).toEqual(
    Array.from({ length: 50 }, (_, index) => String(59 - index)),
  );
});
