import { isIP } from "node:net";
import { inputChanges, type ResourceHandler } from "../kit/index.js";
import { issueCertificate } from "./issueCertificate.js";
import { Mistakes } from "./mistakes.js";

export interface CertificateInputs {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly validityDays: number;
}

export interface CertificateState {
  readonly caCertificate: string;
  readonly certificate: string;
  readonly privateKey: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** Set by a refresh in the last tenth of the certificate's life. */
  readonly renewalDue: boolean;
}

/** Clients refuse server certificates that live longer (CA/Browser Forum, ballot SC22's predecessor: 825 days). */
const defaultDays = 825;
/** Common names longer than this break the standard (X.520, ub-common-name). */
const longestCommonName = 64;
const dnsName = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

const replaceOn = ["commonName", "dnsNames", "ipAddresses", "validityDays"] as const;

/** A server certificate with an authority of its own. It lives in the state only; a refresh finds when it runs out. */
export const certificate: ResourceHandler<CertificateInputs, CertificateState, unknown> = {
  replaceOn,
  secrets: ["privateKey"],
  computed: ["caCertificate", "certificate", "privateKey", "notBefore", "notAfter", "renewalDue"],

  check(inputs) {
    const mistakes = new Mistakes();
    if (mistakes.text("commonName", inputs.commonName, 'a name such as "registry"')) {
      const { length } = inputs.commonName;
      if (length > longestCommonName) {
        mistakes.add(
          "commonName",
          `has ${length} characters; a common name has ${longestCommonName} at most`,
        );
      }
    }
    mistakes.texts("dnsNames", inputs.dnsNames, "DNS names", (name, path) => {
      if (!dnsName.test(name) || isIP(name)) mistakes.add(path, `"${name}" is not a DNS name`);
    });
    mistakes.texts("ipAddresses", inputs.ipAddresses, "IP addresses", (address, path) => {
      if (!isIP(address)) mistakes.add(path, `"${address}" is not an IP address`);
    });
    mistakes.integer("validityDays", inputs.validityDays, 1, 36_500);
    const { dnsNames = [], ipAddresses = [], validityDays = defaultDays } = inputs;
    return { inputs: { ...inputs, dnsNames, ipAddresses, validityDays }, failures: mistakes.failures };
  },

  diff({ state, oldInputs, inputs }) {
    const changes = inputChanges(oldInputs, inputs, replaceOn);
    if (state.renewalDue) changes.push({ path: "renewalDue", kind: "update-replace", inputDiff: false });
    return { changes };
  },

  async create(inputs) {
    const issued = await issueCertificate(inputs, new Date());
    return { id: issued.serialNumber, state: { ...issued.state, renewalDue: false } };
  },

  async read(id, state, inputs) {
    if (!state || !inputs)
      throw new Error(`certificate ${id}: it lives in the state only and cannot be imported.`);
    return { id, state: { ...state, renewalDue: isRenewalDue(state, new Date()) }, inputs };
  },

  async delete() {},
};

/** True in the last tenth of the certificate's life, and after it. */
function isRenewalDue({ notBefore, notAfter }: CertificateState, now: Date): boolean {
  const begin = Date.parse(notBefore);
  return now.getTime() >= begin + (Date.parse(notAfter) - begin) * 0.9;
}
