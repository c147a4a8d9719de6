# The first process of a container gets no default action for a signal: without the trap a stop would wait for SIGKILL.
busybox=/bin/busybox
$busybox httpd -f -p 80 -h /srv &
server=$!
trap '$busybox kill "$server"' TERM INT
wait "$server" || true
