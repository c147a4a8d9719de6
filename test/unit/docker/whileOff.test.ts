import { expect, it } from "vitest";
import { DockerUnreachableError, SshError } from "../../../providers/connection/index.js";
import { stopped } from "../../../providers/docker/container/readContainer.js";
import { whileOff } from "../../../providers/docker/whileOff.js";
import type { Call, ResourceHandler } from "../../../providers/kit/index.js";

type Plain = Record<string, unknown>;
const call = {} as Call<unknown>;
const failing = (kind: SshError["kind"]): ResourceHandler<Plain, Plain, unknown> => ({
  async create() {
    throw new Error("not called");
  },
  async delete() {},
  async read() {
    throw new DockerUnreachableError("ssh://vm", kind, { cause: new SshError(kind, kind) });
  },
});

it("finds what is in a machine that is off as it was, and of one that is gone as gone", async () => {
  const read = (kind: SshError["kind"]) =>
    whileOff(failing(kind)).read!("one", { name: "one" }, { name: "one" }, call);
  expect(await read("off")).toEqual({ id: "one", state: { name: "one" }, inputs: { name: "one" } });
  expect(await read("gone")).toBeUndefined();
  await expect(read("unreachable")).rejects.toThrow("can't be reached");
  await expect(read("host-key")).rejects.toThrow("can't be reached");
});

it("can't import from a machine that is off", async () => {
  await expect(whileOff(failing("off")).read!("one", undefined, undefined, call)).rejects.toThrow(
    "can't be reached",
  );
});

it("finds a container that should run stopped, so that an update sees to it, and goes back to what was given", () => {
  const state = { name: "web", observed: {}, image: "web" };
  const found = stopped({ id: "one", state, inputs: { image: "web" } });
  expect(found.inputs).toEqual({ image: "web", mustRun: false });
  expect(found.state.declared).toEqual({ mustRun: { unset: true } });
  // Refreshed once more, while still off.
  const again = stopped({ id: "one", state: found.state, inputs: found.inputs });
  expect(again).toEqual(found);
  const job = { image: "web", mustRun: false };
  expect(stopped({ id: "one", state, inputs: job })).toEqual({ id: "one", state, inputs: job });
});
