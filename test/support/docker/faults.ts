import { describe, expect, it } from "vitest";
import type { Configuration } from "../../../providers/docker/configuration.js";
import { PartialError, type ResourceHandler } from "../../../providers/kit/index.js";
import type { Fault, FaultyLine } from "./faultyLine.js";
import { callOn, Lifecycle } from "./lifecycle.js";

/** A resource, how it is changed in place, and how many of its kind carry the plugin's mark. */
export interface Subject {
  readonly name: string;
  readonly handler: ResourceHandler<any, any, Configuration>;
  readonly inputs: object;
  readonly changed?: object;
  readonly marked: () => Promise<readonly unknown[]>;
}

/** Every way in which a line can be cut. */
export const cuts: readonly (readonly [fault: Fault, fromThenOn: boolean])[] = [
  ["refused", false],
  ["refused", true],
  ["answer lost", false],
  ["answer lost", true],
];

/** Cuts the line at each connection that an operation takes, and looks at what is there after the second try. */
export function describeFaults(subject: Subject, ways: typeof cuts, line: () => FaultyLine): void {
  const newLife = () => new Lifecycle(subject.handler, callOn(line().host, subject.name));

  describe(`a ${subject.name}`, () => {
    it.each(ways)(
      "is there once, and as asked, after its creation was cut (%s; from then on: %s)",
      async (...how) => {
        const whole = newLife();
        await line().mend();
        await whole.create(subject.inputs);
        const connections = line().taken();
        await whole.delete();
        for (let at = 1; at <= connections; at++) {
          const broken = newLife();
          line().cut(at, ...how);
          const error = await tried(line(), () => broken.create(subject.inputs));
          if (error instanceof PartialError) await replacedByEngine(newLife(), error, subject.inputs);
          // What did not come back as created is not in the state: it is created again.
          const life = error ? await newLife().create(subject.inputs) : broken;
          const when = `after connection ${at} of ${connections} was cut`;
          expect(await life.refresh(), when).toBeDefined();
          expect(await life.diff(subject.inputs), when).toEqual([]);
          expect(await subject.marked(), when).toHaveLength(1);
          await life.delete();
          expect(await subject.marked(), when).toEqual([]);
        }
      },
    );

    it.each(ways)("is changed, read and deleted by the second try (%s; from then on: %s)", async (...how) => {
      const life = await newLife().create(subject.inputs);
      // The same resource in another process of the plugin's.
      const again = () => Object.assign(newLife(), { id: life.id, state: life.state, inputs: life.inputs });
      const { changed } = subject;
      const operations: ((life: Lifecycle<any, any>) => Promise<unknown>)[] = [
        ...(changed ? [(it: Lifecycle<any, any>) => it.update(changed)] : []),
        (it) => it.refresh(),
        (it) => it.delete(),
      ];
      for (const operation of operations) {
        line().cut(1, ...how);
        expect(await tried(line(), () => operation(again()))).toBeDefined();
        await operation(again());
      }
      expect(await subject.marked()).toEqual([]);
    });
  });
}

/** Runs an operation over the line while it is cut; whatever it says must be about the line. */
async function tried(line: FaultyLine, work: () => Promise<unknown>): Promise<Error | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    expect(message).toMatch(/can't be reached: .*(connection|socket hang up|ECONNRESET|EPIPE)/);
    return error as Error;
  } finally {
    await line.mend();
  }
}

/** What is recorded as unfinished the engine finds to be replaced; its first half is to delete it. */
async function replacedByEngine(
  life: Lifecycle<any, any>,
  { partial }: PartialError,
  inputs: object,
): Promise<void> {
  Object.assign(life, { id: partial.id, state: partial.state, inputs });
  if ("unfinished" in partial.state) expect(await life.diff(inputs)).toEqual(["unfinished delete-replace"]);
  await life.delete();
}
