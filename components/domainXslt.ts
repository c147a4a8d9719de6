/**
 * What the Terraform provider for libvirt cannot say about a domain, as a stylesheet on the XML that it makes:
 * - the serial console is also written to a file, so that a machine that never answers leaves its last words;
 * - a disk that is named by its path is taken for a raw one, and none can be read-only: linked clones end in `.qcow2`, and
 *   anything else is a first-boot seed, which nobody writes to;
 * - no graphics and no video: the provider's default is a SPICE server that listens on the hypervisor.
 *
 * @param consoleLog absolute path of the log on the hypervisor; written by virtlogd.
 */
export function domainXslt(consoleLog: string): string {
  if (!/^\/[\w./-]+$/.test(consoleLog)) {
    throw new Error(
      `console log ${JSON.stringify(consoleLog)}: must be an absolute path of letters, digits and "._-/"`,
    );
  }
  return `<?xml version="1.0"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output omit-xml-declaration="yes" indent="yes"/>
  <xsl:template match="node()|@*">
    <xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy>
  </xsl:template>
  <xsl:template match="/domain/devices/disk[substring(source/@file, string-length(source/@file) - 5) = '.qcow2']/driver/@type">
    <xsl:attribute name="type">qcow2</xsl:attribute>
  </xsl:template>
  <xsl:template match="/domain/devices/disk[substring(source/@file, string-length(source/@file) - 5) != '.qcow2']">
    <xsl:copy>
      <xsl:apply-templates select="node()|@*"/>
      <readonly/>
    </xsl:copy>
  </xsl:template>
  <xsl:template match="/domain/devices/graphics|/domain/devices/video"/>
  <xsl:template match="/domain/devices/console">
    <xsl:copy>
      <xsl:apply-templates select="node()|@*"/>
      <log file="${consoleLog}" append="on"/>
    </xsl:copy>
  </xsl:template>
  <xsl:template match="/domain/devices">
    <xsl:copy>
      <xsl:apply-templates select="node()|@*"/>
      <video><model type="none"/></video>
    </xsl:copy>
  </xsl:template>
</xsl:stylesheet>
`;
}
