import type { SecretInputs } from "../../../../providers/docker/swarm/secret.js";
import type { ServiceConfigInputs } from "../../../../providers/docker/swarm/serviceConfig.js";
import type { Row } from "./row.js";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const label = (value: string) => ({ label: "a", value });

/** Every argument of secrets and configs of the swarm. */
export function swarmFileRows(): (Row<SecretInputs> | Row<ServiceConfigInputs>)[] {
  const secret = (
    name: string,
    one: SecretInputs,
    other: SecretInputs,
    change: string[],
  ): Row<SecretInputs> => ({
    type: "Secret",
    name: `secret-${name}`,
    one,
    other,
    change,
    importedBy: "no",
  });
  const config = (
    name: string,
    one: ServiceConfigInputs,
    other: ServiceConfigInputs,
    change: string[],
  ): Row<ServiceConfigInputs> => ({ type: "ServiceConfig", name: `config-${name}`, one, other, change });
  return [
    secret(
      "labels",
      { name: "token", data: base64("open sesame"), labels: [label("1")] },
      { name: "token", data: base64("open sesame"), labels: [label("2")] },
      ["labels[0] update"],
    ),
    secret("data", { data: base64("one") }, { data: base64("two") }, ["data update-replace"]),
    secret("name", { name: "secret-one", data: "eA==" }, { name: "secret-two", data: "eA==" }, [
      "name update-replace",
    ]),
    config(
      "labels",
      { name: "site", dataRaw: "listen 80", labels: [label("1")] },
      { name: "site", data: base64("listen 80") },
      ["labels[0] delete"],
    ),
    config("dataRaw", { dataRaw: "one" }, { dataRaw: "two" }, ["dataRaw update-replace"]),
    config("data", { data: base64("one") }, { data: base64("two") }, ["data update-replace"]),
    config("name", { name: "config-one", dataRaw: "1" }, { name: "config-two", dataRaw: "1" }, [
      "name update-replace",
    ]),
  ];
}
