# Renders the pages that name this replica, and serves them until it is told to stop.
set -eu
page="${BERTH_SERVICE:-web} ${BERTH_REPLICA:-?} on ${BERTH_MACHINE:-?}"
for path in index.html api; do echo "$page" >"/srv/$path"; done
echo ok >/srv/healthz

# The first process of a container gets no default action for a signal: without the trap a stop would wait for SIGKILL.
busybox=/bin/busybox
$busybox httpd -f -p 80 -h /srv &
server=$!
trap '$busybox kill "$server"' TERM INT
wait "$server" || true
