import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderHaproxy } from "../../../components/haproxy/index.js";
import { parseConfig } from "../../../providers/berth/haproxy/configText.js";
import { issueCertificate } from "../../../providers/berth/issueCertificate.js";
import { testCall } from "../../unit/berth-provider/support/testCall.js";
import { agentPort, anyModel, certificateNames, serverPorts } from "./anyModel.js";
import { HaproxyLab } from "./haproxyLab.js";

const seed = Number(process.env["BERTH_SEED"] ?? Date.now() % 2 ** 31);

/**
 * The laws of what is in force, on a real HAProxy.
 *
 * @param runs how many models, and how many rounds of churn.
 */
export function modelsHold(runs: number): void {
  describe(`of any ${runs} load balancers in a row (BERTH_SEED=${seed})`, () => {
    let haproxy: HaproxyLab;
    const pems: string[] = [];

    beforeAll(async () => {
      for (let number = 0; number < 3; number++) {
        const inputs = { commonName: `${number}.example`, dnsNames: [], ipAddresses: [], validityDays: 30 };
        const { state } = await issueCertificate(inputs, new Date());
        pems.push(`${state.certificate.trim()}\n${state.privateKey.trim()}\n`);
      }
      haproxy = await HaproxyLab.start(serverPorts, agentPort);
    });
    afterAll(() => haproxy?.stop());

    const declared = fc
      .tuple(
        anyModel,
        fc.array(fc.nat({ max: 2 }), {
          minLength: certificateNames.length,
          maxLength: certificateNames.length,
        }),
      )
      .map(([model, choice]) => ({
        config: renderHaproxy(model),
        secretFiles: Object.fromEntries(certificateNames.map((name, index) => [name, choice[index]!])),
      }));
    const contents = (choice: Readonly<Record<string, number>>) =>
      Object.fromEntries(Object.entries(choice).map(([name, index]) => [name, pems[index]!]));

    it("any two, one applied after the other, leave what a fresh start with the second gives", async () => {
      let reloads = 0;
      for (const [index, { config, secretFiles }] of fc.sample(declared, { numRuns: runs, seed }).entries()) {
        const told = await haproxy.apply(config, contents(secretFiles));
        reloads += told.some((line) => line.startsWith("status reloading")) ? 1 : 0;
        const inForce = await haproxy.inForce(config, contents(secretFiles));
        const applied = await haproxy.state();
        await haproxy.kill();
        const fresh = await haproxy.state();
        expect({ index, config, inForce, ...applied }).toEqual({ index, config, inForce: true, ...fresh });
      }
      expect(reloads).toBeGreaterThan(0);
    });

    it("servers that change alone need no reload, and are those of a fresh start too", async () => {
      const [first, ...others] = fc.sample(anyModel, { numRuns: runs, seed });
      const backends = (model: typeof first) =>
        first!.backends.map((one, index) => ({
          ...one,
          balance: ["roundrobin"],
          hashType: undefined,
          servers: (model!.backends[index % model!.backends.length]?.servers ?? []).map((server) => ({
            ...server,
            // As replicas have it: other parameters, another name.
            name: `s-${server.port}-${server.maxConnections ?? 0}-${server.slowStartMs ?? 0}-${server.check ? 1 : 0}-${server.agent ? `agent-${server.weight ?? 1}` : 0}`,
          })),
        }));
      const configs = [first, ...others].map((model) => {
        const { frontends, ...rest } = first!;
        const made = backends(model).map(({ hashType: _, ...one }) => one);
        return renderHaproxy({ ...rest, frontends, backends: made });
      });
      const files = contents({ "one.pem": 0, "two.pem": 1 });
      await haproxy.apply(configs[0]!, files);
      for (const config of configs.slice(1)) {
        const told = await haproxy.apply(config, files);
        expect({ config, reloads: told.filter((line) => line.startsWith("status reloading")) }).toEqual({
          config,
          reloads: [],
        });
      }
      const applied = await haproxy.state();
      await haproxy.kill();
      expect(applied).toEqual(await haproxy.state());
    });

    it("after random churn and a SIGKILL the servers in force are the declared ones", async () => {
      const files = contents({ "one.pem": 0, "two.pem": 1 });
      const acts = fc.oneof(
        { weight: 3, arbitrary: fc.record({ do: fc.constant("apply" as const), declared }) },
        // The update is cancelled once it has told so many things.
        {
          weight: 2,
          arbitrary: fc.record({ do: fc.constant("cancel" as const), declared, after: fc.nat({ max: 4 }) }),
        },
        {
          weight: 3,
          arbitrary: fc.record({
            do: fc.constant("meddle" as const),
            what: fc.nat({ max: 4 }),
            whom: fc.nat(),
          }),
        },
        { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const) }) },
      );
      const [begin] = fc.sample(declared, { numRuns: 1, seed });
      let config = begin!.config;
      await haproxy.apply(config, files);
      for (const act of fc.sample(acts, { numRuns: 2 * runs, seed })) {
        if (act.do === "apply") {
          await haproxy.apply(act.declared.config, files);
          config = act.declared.config;
        } else if (act.do === "cancel") {
          const cancelled = await cancelAfter(act.declared.config, act.after);
          if (!cancelled) config = act.declared.config;
        } else if (act.do === "meddle") await meddle(act.what, act.whom);
        else await haproxy.kill();
      }
      await haproxy.apply(config, files);
      await haproxy.kill();
      const inForce = (await haproxy.servers()).map(({ name, address, port, weight }) =>
        [name, `${address}:${port}`, weight].join(" "),
      );
      expect(inForce).toEqual(declaredServers(config));
      expect(await haproxy.inForce(config, files)).toBe(true);

      async function cancelAfter(target: string, count: number): Promise<boolean> {
        const cancel = new AbortController();
        const call = testCall(cancel.signal);
        let told = 0;
        const status = () => {
          if (told++ === count) cancel.abort(new Error("cancelled"));
        };
        return haproxy.apply(target, files, { ...call, status }).then(
          () => false,
          (error: Error) => {
            if (!cancel.signal.aborted) throw error;
            return true;
          },
        );
      }

      async function meddle(what: number, whom: number): Promise<void> {
        const all = await haproxy.servers();
        const server = all[whom % Math.max(1, all.length)]?.name;
        if (server === undefined) return;
        const command = [
          `set server ${server} state maint`,
          `set server ${server} state drain`,
          `set server ${server} weight 7`,
          `disable health ${server}`,
          `set server ${server} state maint; del server ${server}`,
        ][what]!;
        // Some it refuses, such as the weight of a server of a static algorithm.
        await haproxy.api.each([command], new AbortController().signal);
      }
    });
  });
}

function declaredServers(config: string): string[] {
  return parseConfig(config)
    .flatMap(({ name: backend, servers }) =>
      servers.map(({ name, address, parameters }) => {
        const at = parameters.indexOf("weight");
        return [`${backend}/${name}`, address, at < 0 ? 1 : parameters[at + 1]].join(" ");
      }),
    )
    .sort((one, other) => one.split(" ")[0]!.localeCompare(other.split(" ")[0]!));
}
