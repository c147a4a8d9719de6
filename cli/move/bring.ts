import { join } from "node:path";
import { type Call, formatDuration } from "../../providers/kit/index.js";
import { Libvirt } from "../../providers/virsh/libvirt.js";
import { FolderStore } from "../backup/repository/folderStore.js";
import { Repository } from "../backup/repository/repository.js";
import { commandCall } from "../commandCall.js";
import { say, UserError } from "../say.js";
import type { Found } from "./checkTarget.js";
import { bringOver, copyAhead, goBack, type Move, removeFrom, startThere } from "./cutOver.js";
import { sayHypervisor } from "./withHypervisor.js";

const limitMs = 6 * 60 * 60_000;

export interface Way {
  /** The stack's file. */
  readonly file: string;
  /** Name of the hypervisor that it is on. */
  readonly from: string;
  readonly found: Found;
  /** Keeps requests from the machine while it is away. */
  readonly aside: <T>(call: Call<unknown>, work: () => Promise<T>) => Promise<T>;
}

/** A move that was cut off when the machine ran at the target already: that one is the machine, whatever was there before. */
export async function goOn(move: Move, { file }: Pick<Way, "file">): Promise<void> {
  const { source, place } = move;
  say(`${source.name} runs on "${place.name}" since a move that was cut off.`);
  sayHypervisor(file, source.name, place.name);
  await startThere(move, undefined, commandCall(limitMs));
}

/** Brings a machine to its target and starts it there; goes back where that fails, or the command is told to end. */
export async function bring(move: Move, { file, from, found, aside }: Way): Promise<void> {
  const { source, place, inputs, temporary } = move;
  const { name, domain } = source;
  const interrupt = new AbortController();
  const stop = () => interrupt.abort(new UserError("interrupted"));
  const call = commandCall(limitMs, AbortSignal.any([AbortSignal.timeout(limitMs), interrupt.signal]));
  let isBack = false;
  let got: Parameters<typeof goBack>[1] = "copying";
  const orBack = async <T>(work: () => Promise<T>) => {
    try {
      return await work();
    } catch (error) {
      if (!isBack) {
        isBack = true;
        say(`${name} stays on "${from}": ${(error as Error).message}`);
        sayHypervisor(file, name, from);
        await goBack(move, got, call).catch((trouble: Error) =>
          say(
            `not all of it went back: ${trouble.message}. Where ${name} is off, "pulumi up --refresh" starts it where it was, once it does not run on "${place.name}".`,
          ),
        );
      }
      throw error;
    }
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    const repository = await Repository.open(new FolderStore(join(temporary, "pieces")), undefined, {});
    const copy = await orBack(async () => {
      if (found === "remains")
        await Libvirt.with(place.uri, call.signal, (to) => removeFrom(to, place.pool, domain, inputs));
      return copyAhead(repository, move, call);
    });
    const cut = async () => {
      const began = performance.now();
      got = "stopping";
      await bringOver(repository, move, copy, call);
      // From here on an update takes over what is there.
      sayHypervisor(file, name, place.name);
      got = "starting";
      await startThere(move, copy, call);
      if (inputs.power !== "running") return;
      say(`${name} is up on "${place.name}"; it was away for ${formatDuration(performance.now() - began)}`);
    };
    await orBack(() => aside(call, () => orBack(cut)));
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
