import { expect, it } from "vitest";
import { serverFigures } from "../../../../providers/berth/haproxy/serverFigures.js";

/** Columns as HAProxy 2.6 names them, most left out. */
const head =
  "# pxname,svname,qcur,scur,stot,econ,eresp,status,check_status,check_code,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,rtime,ttime,last_chk,addr,mode,";

it("reads what HAProxy says of its servers", () => {
  const answer = [
    head,
    "web,web-1-80,2,3,100,1,2,UP,L7OK,200,0,80,5,5,9,1,17,40,OK,192.0.2.1:80,http,",
    "web,web-2-80,0,0,0,0,0,DOWN 1/2,* L7STS,500,0,0,0,0,0,0,0,0,Internal Server Error,192.0.2.2:80,http,",
    "db,db-1-5432,0,4,7,1,1,no check,,,,,,,,,,900,,,tcp,",
    "",
  ].join("\n");
  const [one, two, db] = serverFigures(answer);
  expect(one).toEqual({
    server: "web/web-1-80",
    address: "192.0.2.1:80",
    current: 3,
    queued: 2,
    requests: 100,
    failed: 9,
    responseMs: 17,
    down: false,
    lastCheck: "L7OK/200 OK",
    checking: false,
  });
  expect(two).toMatchObject({ down: true, checking: true, lastCheck: "L7STS/500 Internal Server Error" });
  expect(db).toMatchObject({ requests: 7, failed: 2, responseMs: 900, down: false });
});
