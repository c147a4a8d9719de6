# Whether HAProxy answers on loopback, at the port that is given. Not by wget, which looks names up even where there are none.
printf 'GET / HTTP/1.0\r\n\r\n' | busybox nc -w 1 127.0.0.1 "$1" | busybox grep -q ' 200 '
