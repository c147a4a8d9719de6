# Whether HAProxy answers on loopback, at the port that is given: one that is gone refuses at once, one that is slow has 2 s, and both
# are asked again. Not by wget, which looks names up even where there are none.
ask() {
  case "$(printf 'GET / HTTP/1.0\r\n\r\n' | busybox nc -w 2 127.0.0.1 "$1")" in
    *' 200 '*) ;;
    *) return 1 ;;
  esac
}
ask "$1" || { busybox sleep 0.3 && ask "$1"; }
