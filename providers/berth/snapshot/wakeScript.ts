/**
 * A Perl program for a guest that goes on where it was at some time before: its clock is set, and its random numbers are mixed
 * with fresh ones, so that it does not draw again what it has drawn before.
 */
export function wakeScript(entropy: Buffer, now: Date): string {
  return [
    "use strict; use warnings;",
    `my $bytes = pack('H*', '${entropy.toString("hex")}');`,
    "open(my $random, '+<', '/dev/urandom') or die \"/dev/urandom: $!\\n\";",
    // RNDADDENTROPY and RNDRESEEDCRNG (linux/random.h).
    "ioctl($random, 0x40085203, pack('iia*', 8 * length $bytes, length $bytes, $bytes)) or die \"RNDADDENTROPY: $!\\n\";",
    'ioctl($random, 0x5207, 0) or die "RNDRESEEDCRNG: $!\\n";',
    `system('date', '-u', '-s', '@${(now.getTime() / 1000).toFixed(3)}') == 0 or die "date: $?\\n";`,
    "",
  ].join("\n");
}
