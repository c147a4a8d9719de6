export interface DomainXsltArgs {
  /** Absolute path of the serial console's log on the hypervisor; written by virtlogd. */
  readonly consoleLog: string;
  /** Paths of the domain's volumes on the hypervisor. */
  readonly volumes: readonly { readonly path: string; readonly readonly?: boolean }[];
}

/**
 * What the Terraform provider for libvirt cannot say about a domain, as a stylesheet on the XML that it makes:
 * - the serial console is also written to a file, so that a machine that never answers leaves its last words;
 * - disks are named by path, as libvirt's AppArmor helper cannot follow one that is named by pool and volume; the first-boot
 *   seed can only be read;
 * - no graphics and no video: the provider's default is a SPICE server that listens on the hypervisor.
 */
export function domainXslt({ consoleLog, volumes }: DomainXsltArgs): string {
  return `<?xml version="1.0"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output omit-xml-declaration="yes" indent="yes"/>
  <xsl:template match="node()|@*">
    <xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy>
  </xsl:template>
  <xsl:template match="/domain/devices/graphics|/domain/devices/video"/>
  <xsl:template match="/domain/devices/console">
    <xsl:copy>
      <xsl:apply-templates select="node()|@*"/>
      <log file="${safe(consoleLog)}" append="on"/>
    </xsl:copy>
  </xsl:template>
  <xsl:template match="/domain/devices">
    <xsl:copy>
      <xsl:apply-templates select="node()|@*"/>
      <video><model type="none"/></video>
    </xsl:copy>
  </xsl:template>
${volumes.map(byPath).join("")}</xsl:stylesheet>
`;
}

function byPath({ path, readonly = false }: DomainXsltArgs["volumes"][number]): string {
  const volume = safe(path).split("/").at(-1);
  return `  <xsl:template match="/domain/devices/disk[source/@volume='${volume}']">
    <disk type="file" device="disk">
      <xsl:apply-templates select="driver|target"/>
      <source file="${path}"/>${readonly ? "\n      <readonly/>" : ""}
    </disk>
  </xsl:template>
`;
}

function safe(path: string): string {
  if (!/^\/[\w./+-]+$/.test(path)) {
    throw new Error(`path ${JSON.stringify(path)}: must be absolute and of letters, digits and "._+-/"`);
  }
  return path;
}
