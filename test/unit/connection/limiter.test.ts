import { describe, expect, it } from "vitest";
import { Limiter } from "../../../providers/connection/limiter.js";

describe("Limiter", () => {
  it("lets in as many as there are places, the others in their order", async () => {
    const limiter = new Limiter(1);
    const order: string[] = [];
    const leave = await limiter.enter();
    const second = limiter.enter().then((done) => {
      order.push("second");
      return done;
    });
    const third = limiter.enter().then(() => order.push("third"));
    leave();
    (await second)();
    await third;
    expect(order).toEqual(["second", "third"]);
  });

  it("gives a place back once only", async () => {
    const limiter = new Limiter(1);
    const leave = await limiter.enter();
    leave();
    leave();
    await limiter.enter();
    await expect(limiter.enter(AbortSignal.abort(new Error("full")))).rejects.toThrow("full");
    const waiting = new AbortController();
    const third = limiter.enter(waiting.signal);
    waiting.abort(new Error("still full"));
    await expect(third).rejects.toThrow("still full");
  });

  it("does not lose the place of one who gave up waiting", async () => {
    const limiter = new Limiter(1);
    const leave = await limiter.enter();
    const impatient = new AbortController();
    const givenUp = limiter.enter(impatient.signal);
    impatient.abort(new Error("too long"));
    await expect(givenUp).rejects.toThrow("too long");
    leave();
    await expect(limiter.enter()).resolves.toBeTypeOf("function");
  });
});
