/** Where the template has them; not on its disk. */
export const subroutinesPath = "/run/berth/identity.pl";

/** File with the number of journald's process. */
export const journaldProcess = "/sys/fs/cgroup/system.slice/systemd-journald.service/cgroup.procs";

/** When networkd is told what has been set: not while the machine, or one beside it, starts. */
const followUpSeconds = 10;

/**
 * What {@link identityScript} calls: Perl, put into the template's memory, so that little has to go through the guest agent.
 * RNDADDENTROPY and RNDRESEEDCRNG (linux/random.h): the bytes are mixed in, counted, and in use at once. 227 is clock_settime on
 * x86-64. Netlink's messages (linux/rtnetlink.h) do what `ip` would, without its process; the routes are marked as networkd's own,
 * for it to find its work done.
 */
export const identitySubroutines = `
# Not "use strict; use warnings": reading those two modules takes longer than all the rest.
BEGIN { $^W = 1 }
sub run { system { $_[0] } @_; die "$_[0] ended with $?\\n" if $? }
sub put {
  my ($path, $mode, $content) = @_;
  open(my $file, '>', "$path.new") or die "$path: $!\\n";
  chmod(oct $mode, $file) or die "$path: $!\\n";
  print $file $content or die "$path: $!\\n";
  close $file or die "$path: $!\\n";
  rename "$path.new", $path or die "$path: $!\\n";
}
sub get {
  my $path = shift;
  open(my $file, '<', $path) or die "$path: $!\\n";
  local $/;
  my $content = <$file>;
  $content =~ s/\\s+\\z//;
  return $content;
}
sub reseed {
  my $bytes = shift;
  open(my $random, '+<', '/dev/urandom') or die "/dev/urandom: $!\\n";
  ioctl($random, 0x40085203, pack('iia*', 8 * length $bytes, length $bytes, $bytes)) or die "RNDADDENTROPY: $!\\n";
  ioctl($random, 0x5207, 0) or die "RNDRESEEDCRNG: $!\\n";
  sysread($random, my $seed, 512) == 512 or die "/dev/urandom: $!\\n";
  put('/var/lib/systemd/random-seed', '0600', $seed);
}
sub set_clock { syscall(227, 0, pack('qq', @_)) == 0 or die "$!\\n" }
sub name_host {
  my $name = shift;
  open(my $kernel, '>', '/proc/sys/kernel/hostname') or die "$!\\n";
  print $kernel $name;
  close $kernel or die "$!\\n";
  open(my $hosts, '<', '/etc/hosts') or die "/etc/hosts: $!\\n";
  my @others = grep { !/^127\\.0\\.1\\.1\\s/ } <$hosts>;
  put('/etc/hosts', '0644', join('', @others, "127.0.1.1 $name $name\\n"));
}
sub begin_journal {
  my ($folder, $machine) = @_;
  my $group = getgrnam 'systemd-journal';
  mkdir "$folder/$machine", 0755 or die "$folder/$machine: $!\\n";
  chown(0, $group, "$folder/$machine") && chmod(02755, "$folder/$machine") if defined $group;
  my $journald = get('${journaldProcess}');
  kill $_, $journald or die "journald: $!\\n" for 'USR2', 'CONT';
}
sub reread_keys { kill 'HUP', get('/run/sshd.pid') }
sub authorize {
  my ($user, $keys) = @_;
  my ($uid, $gid, $home) = (getpwnam $user)[2, 3, 7];
  die "there is no user $user\\n" unless defined $home;
  mkdir "$home/.ssh", 0700;
  put("$home/.ssh/authorized_keys", '0600', $keys);
  chown($uid, $gid, "$home/.ssh", "$home/.ssh/authorized_keys") == 2 or die "$home/.ssh: $!\\n";
}
sub netlink {
  my ($type, $flags, $body) = @_;
  socket(my $kernel, 16, 3, 0) or die "netlink: $!\\n";
  send($kernel, pack('LSSLLa*', 16 + length $body, $type, 5 | $flags, 1, 0, $body), 0) or die "netlink: $!\\n";
  defined recv($kernel, my $answer, 4096, 0) or die "netlink: $!\\n";
  my $error = unpack('x16l', $answer);
  if ($error) { $! = -$error; die "netlink message $type: $!\\n" }
}
sub attribute {
  my ($type, $data) = @_;
  my $bytes = pack('SSa*', 4 + length $data, $type, $data);
  return $bytes . "\\0" x (-length($bytes) % 4);
}
sub set_mac {
  my ($name, $mac) = @_;
  netlink(16, 0, pack('CxSlLL', 0, 0, get("/sys/class/net/$name/ifindex"), 0, 0) . attribute(1, $mac));
}
sub join_network {
  my ($mac, $address, $prefix, $broadcast, $gateway, $address6, $prefix6, $gateway6) = @_;
  opendir(my $all, '/sys/class/net') or die "$!\\n";
  my ($name) = grep { -e "/sys/class/net/$_/address" && get("/sys/class/net/$_/address") eq $mac } readdir $all;
  die "no network interface has the address $mac\\n" unless defined $name;
  my $index = get("/sys/class/net/$name/ifindex");
  if (open(my $advertised, '>', "/proc/sys/net/ipv6/conf/$name/accept_ra")) { print $advertised 0 }
  netlink(16, 0, pack('CxSlLL', 0, 0, $index, 1, 1));
  netlink(20, 0x500, pack('CCCCL', 2, $prefix, 0x80, 0, $index)
    . attribute(2, $address) . attribute(1, $address) . attribute(4, $broadcast));
  netlink(24, 0x500, pack('CCCCCCCCL', 2, 0, 0, 0, 254, 4, 0, 1, 0) . attribute(5, $gateway) . attribute(4, pack('L', $index)));
  return unless defined $address6;
  require Socket;
  ($address6, $gateway6) = map { Socket::inet_pton(10, $_) } $address6, $gateway6;
  # Nobody else has it, and no answer to the question whether somebody does would come by now.
  netlink(20, 0x500, pack('CCCCL', 10, $prefix6, 0x82, 0, $index) . attribute(1, $address6));
  netlink(24, 0x500, pack('CCCCCCCCL', 10, 0, 0, 0, 254, 4, 0, 1, 4) . attribute(5, $gateway6) . attribute(4, pack('L', $index)));
}
sub follow_up {
  my $child = fork;
  die "fork: $!\\n" unless defined $child;
  return if $child;
  open(STDIN, '<', '/dev/null'); open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null');
  select undef, undef, undef, ${followUpSeconds};
  exec 'networkctl', 'reload';
}
1;
`.trimStart();
