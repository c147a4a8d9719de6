import { join } from "node:path";
import { type Call, formatDuration } from "../../providers/kit/index.js";
import { Libvirt } from "../../providers/virsh/libvirt.js";
import { FolderStore } from "../backup/repository/folderStore.js";
import { Repository } from "../backup/repository/repository.js";
import { commandCall } from "../commandCall.js";
import { say, UserError } from "../say.js";
import type { Found } from "./checkTarget.js";
import { bringOver, copyAhead, goBack, type Move, removeFrom, startThere } from "./cutOver.js";
import { endMigrated, migrateLive } from "./migrateLive.js";
import { sayHypervisor } from "./withHypervisor.js";

const limitMs = 6 * 60 * 60_000;

/** How far a move got; see `goBack`. */
type Progress = Parameters<typeof goBack>[1];

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
  const call = commandCall(limitMs);
  await endMigrated(source.uri, source.domain);
  await startThere(move, undefined, call);
}

/** Brings a machine to its target and starts it there; goes back where that fails, or the command is told to end. */
export async function bring(move: Move, { file, from, found, aside }: Way): Promise<void> {
  const { source, place, inputs, temporary } = move;
  const { name } = source;
  await interruptibly(async (call) => {
    let got: Progress = "copying";
    const orBack = goingBack(move, { file, from }, () => got, call);
    const repository = await Repository.open(new FolderStore(join(temporary, "pieces")), undefined, {});
    const copy = await orBack(async () => {
      await clearRemains(move, found, call);
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
  });
}

/** Has a machine go on at its target, while it runs; where that fails, or the command is told to end, it goes on where it is. */
export async function bringLive(move: Move, { file, from, found }: Omit<Way, "aside">): Promise<void> {
  const { source, place } = move;
  const { name } = source;
  await interruptibly(async (call) => {
    await goingBack(
      move,
      { file, from },
      () => "copying",
      call,
    )(async () => {
      await clearRemains(move, found, call);
      await migrateLive(move, call);
    });
    // It is there, whatever else goes wrong.
    sayHypervisor(file, name, place.name);
    try {
      await startThere(move, undefined, call);
    } catch (error) {
      throw new UserError(
        `${name} runs on "${place.name}" now, and its move is not over: ${(error as Error).message}. Move it again, which goes on from there.`,
      );
    }
    say(`${name} goes on running on "${place.name}"`);
  });
}

/** Work that Ctrl-C ends in order. */
async function interruptibly(work: (call: Call<unknown>) => Promise<void>): Promise<void> {
  const interrupt = new AbortController();
  const stop = () => interrupt.abort(new UserError("interrupted"));
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    await work(commandCall(limitMs, AbortSignal.any([AbortSignal.timeout(limitMs), interrupt.signal])));
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/** Work after whose failure the machine is where it was again, once, however deep the work fails. */
function goingBack(
  move: Move,
  { file, from }: Pick<Way, "file" | "from">,
  got: () => Progress,
  call: Call<unknown>,
) {
  const { source, place } = move;
  const { name } = source;
  let isBack = false;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!isBack) {
        isBack = true;
        say(`${name} stays on "${from}": ${(error as Error).message}`);
        sayHypervisor(file, name, from);
        await goBack(move, got(), call).catch((trouble: Error) =>
          say(
            `not all of it went back: ${trouble.message}. Where ${name} is off, "pulumi up --refresh" starts it where it was, once it does not run on "${place.name}".`,
          ),
        );
      }
      throw error;
    }
  };
}

async function clearRemains({ source, place, inputs }: Move, found: Found, call: Call<unknown>) {
  if (found !== "remains") return;
  await Libvirt.with(place.uri, call.signal, (to) => removeFrom(to, place.pool, source.domain, inputs));
}
