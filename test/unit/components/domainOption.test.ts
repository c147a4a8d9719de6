import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { domainOption } from "../../../components/domainOption.js";
import { parseDomainOption } from "../../../providers/connection/domainOption.js";
import { value } from "./mocks.js";

test("a domain is read out of OpenSSH's options as it was put in, and needs no quotes there", async () => {
  const domain = {
    uri: 'qemu+unix:///system?socket=/a b,"c"',
    uuid: "0-1",
    pool: "pool, two",
    volume: "100%.qcow2",
  };
  const option = await value(
    domainOption({
      uri: domain.uri,
      uuid: pulumi.output(domain.uuid),
      pool: pulumi.output(domain.pool),
      volume: pulumi.output(domain.volume),
    }),
  );
  expect(option).toMatch(/^[\w.,%-]+$/);
  expect(parseDomainOption(option)).toEqual(domain);
});
